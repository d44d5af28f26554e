package io.espalier.training.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.job.ImportSpec.HubModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelHubIT {
    private static final Path BERT = Path.of("src/test/resources/imports/bert");
    private static final HubModel MODEL = new HubModel("acme/encoder", "refs/pr/1");

    @TempDir
    private Path folder;

    private Path downloaded;
    private LocalHub server;
    private ModelHub hub;

    @BeforeEach
    void start() throws Exception {
        downloaded = Files.createDirectory(folder.resolve("downloaded"));
        server = new LocalHub(folder).with(BERT);
        hub = server.client("secret");
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    private String download() throws IOException {
        return hub.download(MODEL, downloaded, () -> {});
    }

    @Test
    void givesTheFilesOfOneCommit() throws Exception {
        assertThat(download()).isEqualTo(LocalHub.COMMIT);

        for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            assertThat(downloaded.resolve(name)).hasSameBinaryContentAs(BERT.resolve(name));
        }
        assertThat(downloaded).isDirectoryNotContaining("glob:**outputs.json");
    }

    @Test
    void getsTheTokenAndNobodyElseDoes() throws Exception {
        download();

        assertThat(server.requests())
                .contains(
                        Map.entry("/acme/encoder/resolve/" + LocalHub.COMMIT + "/config.json", "Bearer secret"),
                        Map.entry("storage:/model.safetensors", ""));
    }

    @Test
    void hasNoSuchModel() {
        assertThatThrownBy(() -> hub.download(new HubModel("acme/other", "main"), downloaded, () -> {}))
                .isInstanceOf(ImportRefusedException.class)
                .hasMessageContaining("acme/other")
                .hasMessageContaining("revision main");
    }

    @Test
    void hasPicklesOnly() {
        server.without("model.safetensors").with("pytorch_model.bin", new byte[10]);

        assertThatThrownBy(this::download)
                .isInstanceOf(ImportRefusedException.class)
                .hasMessageContaining("has no model.safetensors on the hub");
    }

    @Test
    void refusesFilesThatAreTooLargeBeforeItReadsThem() {
        server.with("config.json", new byte[2 << 20]);

        assertThatThrownBy(this::download)
                .isInstanceOf(ImportRefusedException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining("2,097,152 bytes");
    }

    @Test
    void isTriedAgainWhenBytesAreNotThoseOfTheList() {
        server.damaging(true);

        assertThatThrownBy(this::download)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another model.safetensors");
    }

    @Test
    void isNotFollowedOutOfHttps() {
        server.sendingOnTo("http://127.0.0.1:9");

        assertThatThrownBy(this::download).isInstanceOf(IOException.class).hasMessageContaining("not HTTPS");
    }

    @Test
    void isTriedAgainWhenItIsAway() {
        server.sendingOnTo("https://127.0.0.1:9");

        assertThatThrownBy(this::download).isInstanceOf(IOException.class).hasMessageContaining("could not be read");
    }

    @Test
    void stopsWhenNobodyWaitsAnyMore() {
        assertThatThrownBy(() -> hub.download(MODEL, downloaded, () -> {
                    throw new IllegalStateException("cancelled");
                }))
                .hasMessage("cancelled");
    }
}
