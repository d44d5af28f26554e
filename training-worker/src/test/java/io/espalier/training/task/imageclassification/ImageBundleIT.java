package io.espalier.training.task.imageclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.modelkit.metric.ClassificationMetrics;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Predictor;
import io.espalier.training.fixture.Bars;
import io.espalier.training.fixture.ImageArchive;
import io.espalier.training.fixture.TrainedBundle;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

/** From a split of pictures to the answers of a predictor. */
class ImageBundleIT {
    @TempDir
    static Path folder;

    private static TrainedBundle trained;
    private static Predictor fp32;
    private static Predictor int8;

    @BeforeAll
    static void train() throws IOException {
        trained = TrainedBundle.train(
                new ImageClassificationTask(),
                Bars.write(folder, 96, 40),
                Map.of("epochs", 25, "width", 4, "imageSize", 16, "learningRate", 0.05, "flip", "both"),
                folder);
        fp32 = trained.open("fp32");
        int8 = trained.open("int8");
    }

    @AfterAll
    static void close() {
        fp32.close();
        int8.close();
    }

    @Test
    void answersAsTheTrainedNetworkDoes() {
        List<float[]> scores = TrainedBundle.scores(fp32, trained.validation(fp32));

        for (int row = 0; row < scores.size(); row++) {
            float[] score = scores.get(row);
            float[] logits = trained.logits()[row];
            // Scores are a softmax: their ratio is what the logits differ by. The norms, folded, round differently.
            assertThat(Math.log(score[1] / (double) score[0])).isCloseTo(logits[1] - (double) logits[0], within(1e-3));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "int8"})
    void learnsWhichWayABarLies(String precision) {
        Predictor predictor = precision.equals("fp32") ? fp32 : int8;

        List<float[]> scores = TrainedBundle.scores(predictor, trained.validation(predictor));

        int correct = 0;
        for (int row = 0; row < scores.size(); row++) {
            // Bars.split: every second one stands.
            correct += ClassificationMetrics.argmax(scores.get(row)) == row % 2 ? 1 : 0;
        }
        assertThat(correct).isGreaterThanOrEqualTo(38);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "int8"})
    void answersEachImageOfABatchAsIfItWereAlone(String precision) {
        Predictor predictor = precision.equals("fp32") ? fp32 : int8;
        List<Predictor.Prepared> images = trained.validation(predictor);

        for (int from = 0; from < images.size(); from += 16) {
            List<Predictor.Prepared> batch = images.subList(from, Math.min(images.size(), from + 16));
            List<float[]> together = TrainedBundle.scores(predictor, batch);
            for (int i = 0; i < batch.size(); i++) {
                assertThat(together.get(i))
                        .containsExactly(
                                TrainedBundle.scores(predictor, List.of(batch.get(i)))
                                        .getFirst(),
                                within(1e-5f));
            }
        }
    }

    @Test
    void isABaseModelOfTrainingsOnLittleData() throws IOException {
        Path little = Files.createDirectory(folder.resolve("little"));
        TrainingFiles files = basedOn(Bars.write(little, 12, 40));

        TrainedBundle tuned = TrainedBundle.train(
                new ImageClassificationTask(), files, Map.of("epochs", 10, "trained", "head"), little);

        Map<String, Tensor> before = weights(folder);
        Map<String, Tensor> after = weights(little);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        after.forEach((name, tensor) -> {
            if (name.startsWith("head.")) {
                assertThat(tensor).as(name).isNotEqualTo(before.get(name));
            } else {
                assertThat(tensor).as(name).isEqualTo(before.get(name));
            }
        });
        int correct = 0;
        for (int row = 0; row < tuned.logits().length; row++) {
            correct += ClassificationMetrics.argmax(tuned.logits()[row]) == row % 2 ? 1 : 0;
        }
        assertThat(correct).isGreaterThanOrEqualTo(36);
    }

    @Test
    void keepsTheShapeOfItsBaseModel() throws IOException {
        var task = new ImageClassificationTask();
        Path other = Files.createDirectory(folder.resolve("other"));
        TrainingFiles files = basedOn(Bars.write(other, 12, 8));

        assertThat(task.prepare(files, new Hyperparameters(Map.of("width", 4)), 1)
                        .hyperparameters()
                        .values())
                .containsEntry("width", 4)
                .containsEntry("imageSize", 16)
                .containsEntry("network", "compact");
        assertThatThrownBy(() -> task.prepare(files, new Hyperparameters(Map.of("width", 8)), 1))
                .isInstanceOf(ProblemException.class)
                .hasMessage("The hyperparameter width is the base model's, 4; leave it out.");
        assertThatThrownBy(() -> task.prepare(files, new Hyperparameters(Map.of("network", "resnet18")), 1))
                .isInstanceOf(ProblemException.class)
                .hasMessage("The hyperparameter network is the base model's, compact; leave it out.");
        assertThatThrownBy(() -> task.prepare(trained.files(), new Hyperparameters(Map.of("trained", "head")), 1))
                .isInstanceOf(ProblemException.class)
                .hasMessage("The head alone learns nothing on random layers: choose a base model.");
    }

    private static TrainingFiles basedOn(TrainingFiles files) {
        return new TrainingFiles(files.train(), files.validation(), files.labels(), folder.resolve("model"));
    }

    private static Map<String, Tensor> weights(Path parent) throws IOException {
        return Safetensors.read(parent.resolve("model").resolve(TrainedFiles.WEIGHTS));
    }

    @Test
    void quantizesToAQuarterOfTheBytes() throws IOException {
        long exact = Files.size(folder.resolve("fp32/model.onnx"));

        assertThat(Files.size(folder.resolve("int8/model.onnx"))).isLessThan(exact / 2);
    }

    @Test
    void takesBase64WrappedOrNotAndDataUrls() {
        String base64 = Base64.getEncoder().encodeToString(ImageArchive.bar(true, 5000));
        String wrapped = Base64.getMimeEncoder().encodeToString(ImageArchive.bar(true, 5000));

        List<float[]> answers = new ArrayList<>();
        for (String input : List.of(base64, wrapped, "data:image/png;base64," + base64)) {
            answers.add(predict(input));
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer).isEqualTo(answers.getFirst()));
    }

    @Test
    void readsEveryFormatAndSizeOfTheSamePictureAlike() {
        float[] png = predict(ImageArchive.encoded(ImageArchive.picture(true, 5001), "png"));

        assertThat(predict(ImageArchive.encoded(ImageArchive.picture(true, 5001), "bmp")))
                .isEqualTo(png);
        assertThat(ClassificationMetrics.argmax(
                        predict(ImageArchive.encoded(ImageArchive.picture(true, 5001), "jpeg"))))
                .isEqualTo(ClassificationMetrics.argmax(png));
    }

    private static float[] predict(byte[] image) {
        return predict(Base64.getEncoder().encodeToString(image));
    }

    private static float[] predict(String input) {
        var image = fp32.prepare(StringNode.valueOf(input), Parameters.NONE, "inputs");
        return TrainedBundle.scores(fp32, List.of(image)).getFirst();
    }

    @Test
    void saysWhatIsWrongWithAnInput() {
        assertRefused("not base64 at all!", "inputs[2]: is not valid base64");
        assertRefused("https://example.com/cat.jpg", "inputs[2]: is a link; send the image itself, in base64");
        assertRefused("data:image/png,abc", "inputs[2]: is a data URL that is not in base64");
        assertRefused("", "inputs[2]: is empty");
        assertRefused(
                Base64.getEncoder().encodeToString("hello".getBytes(StandardCharsets.US_ASCII)),
                "inputs[2]: is no image in JPEG, PNG, GIF, BMP, WebP or PNM");
        byte[] cut = Arrays.copyOf(ImageArchive.bar(true, 1), 60);
        assertRefused(Base64.getEncoder().encodeToString(cut), "inputs[2]: is cut off");
        assertThatThrownBy(() -> fp32.prepare(IntNode.valueOf(3), Parameters.NONE, "inputs[2]"))
                .isInstanceOf(ProblemException.class)
                .hasMessage("inputs[2]: must be a text: an image in base64, or a data URL");
    }

    private static void assertRefused(String input, String message) {
        assertThatThrownBy(() -> fp32.prepare(StringNode.valueOf(input), Parameters.NONE, "inputs[2]"))
                .isInstanceOf(ProblemException.class)
                .hasMessage(message);
    }
}
