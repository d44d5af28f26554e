package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The third task from an archive to answers: pictures in folders, asked for in every form of a body. */
@ExtendWith(SharedInstallation.class)
class ImageE2ET {
    private static final Map<String, Object> RECIPE =
            Map.of("epochs", 25, "width", 4, "imageSize", 16, "learningRate", 0.1, "flip", "both");

    @Test
    void trainsOnPicturesAndServesExactlyWhatWasEvaluated(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        Map<String, byte[]> pictures = Pictures.bars(200);
        String dataset = shop.dataset("image-classification");
        String version = shop.upload(dataset, "bars.zip", Pictures.zip(pictures));
        previewsAugmentation(shop.api(), "/api/datasets/" + dataset + "/versions/" + version + "/augmentation-preview");
        JsonNode product = shop.product("image-classification");
        JsonNode job = shop.trainAndDeploy(product.get("id").asString(), version, RECIPE);

        String path = "/v1/products/" + product.get("slug").asString() + "/predict";
        Api customer = shop.customer(installation.origin());
        Map<String, String> inputs = new HashMap<>();
        pictures.forEach((name, file) -> inputs.put(name, Base64.getEncoder().encodeToString(file)));
        customer.awaitStatus(path, Map.of("inputs", inputs.values().iterator().next()), 200);
        EvaluatedRows evaluated =
                EvaluatedRows.of(installation, shop.ref(job.get("id").asString()), inputs);
        assertThat(evaluated.rows()).hasSize(job.at("/rows/TEST").asInt());
        evaluated.assertServed(customer, path);
        assertThat(evaluated.accuracy())
                .isCloseTo(job.at("/evaluation/metrics/accuracy").asDouble(), within(1e-9));
        assertThat(evaluated.accuracy()).isGreaterThan(0.85);
        answersEveryFormOfABody(customer, path, pictures);
        refusesWhatIsNoPicture(customer, path);
    }

    private static void previewsAugmentation(Api api, String path) {
        Map<String, Object> chosen = Map.of("imageSize", 16, "rotation", 20, "mixup", 0.2);
        Map<String, Object> wish = Map.of("hyperparameters", chosen, "images", 2, "variants", 3, "seed", 5);

        Api.Answer sheet = api.post(path, wish).expect(200);

        assertThat(sheet.header("content-type")).isEqualTo("image/png");
        assertThat(size(sheet.bytes())).containsExactly(4 * 100 + 4, 2 * 100 + 4);
        assertThat(api.post(path, wish).expect(200).bytes()).isEqualTo(sheet.bytes());
        // Sixteen pixels a side are read at 32, each of which takes three.
        assertThat(size(api.post(path, Map.of()).expect(200).bytes())).containsExactly(7 * 100 + 4, 4 * 100 + 4);
        assertThat(api.post(path, Map.of("hyperparameters", Map.of("rotation", 181)))
                        .expect(422)
                        .fields())
                .containsExactly("hyperparameters.rotation");
    }

    /** Width and height of a PNG. */
    private static List<Integer> size(byte[] png) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            return List.of(image.getWidth(), image.getHeight());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void previewsNothingOfOtherTasks(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        String dataset = shop.dataset("text-classification");
        String version = shop.upload(dataset, "messages.csv", Shop.messages(80, 3));

        Api.Answer refused = shop.api()
                .post("/api/datasets/" + dataset + "/versions/" + version + "/augmentation-preview", Map.of())
                .expect(409);

        assertThat(refused.json().get("detail").asString())
                .isEqualTo("text-classification has no augmentation to preview.");
    }

    private static void answersEveryFormOfABody(Api customer, String path, Map<String, byte[]> pictures) {
        byte[] lying = pictures.get("lying/0.png");
        byte[] standing = pictures.get("standing/0.png");
        JsonNode asJson = customer.post(
                        path, Map.of("inputs", Base64.getEncoder().encodeToString(lying)))
                .expect(200)
                .json();

        assertThat(customer.send("POST", path, BodyPublishers.ofByteArray(lying), "image/png")
                        .expect(200)
                        .json())
                .isEqualTo(asJson);
        assertThat(customer.send(
                                "POST",
                                path + "?top_k=1",
                                BodyPublishers.ofByteArray(lying),
                                "application/octet-stream")
                        .expect(200)
                        .json())
                .hasSize(1)
                .first()
                .isEqualTo(asJson.get(0));
        JsonNode both = customer.send(
                        "POST",
                        path,
                        BodyPublishers.ofByteArray(form(List.of(lying, standing))),
                        "multipart/form-data; boundary=between")
                .expect(200)
                .json();
        assertThat(both).hasSize(2);
        assertThat(both.get(0)).hasSize(1).first().isEqualTo(asJson.get(0));
    }

    private static byte[] form(List<byte[]> files) {
        var out = new ByteArrayOutputStream();
        for (byte[] file : files) {
            write(
                    out,
                    "--between\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n"
                            + "Content-Type: image/png\r\n\r\n");
            out.writeBytes(file);
            write(out, "\r\n");
        }
        write(out, "--between\r\nContent-Disposition: form-data; name=\"top_k\"\r\n\r\n1\r\n--between--\r\n");
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void refusesWhatIsNoPicture(Api customer, String path) {
        byte[] text = "hello".getBytes(StandardCharsets.US_ASCII);
        assertThat(customer.send("POST", path, BodyPublishers.ofByteArray(text), "image/jpeg")
                        .expect(422)
                        .fields())
                .containsExactly("inputs");
        assertThat(customer.send("POST", path + "?top_k=no", BodyPublishers.ofByteArray(text), "image/jpeg")
                        .expect(422)
                        .fields())
                .containsExactly("top_k");
        customer.send("POST", path, BodyPublishers.ofByteArray(text), "multipart/form-data; boundary=between")
                .expect(400);
        assertThat(customer.post(path, Map.of("inputs", List.of("aGVsbG8=", "%%%")))
                        .expect(422)
                        .fields())
                .containsExactly("inputs[0]");
    }
}
