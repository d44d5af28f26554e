package io.espalier.training.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.EncoderConfig.Pooling;
import io.espalier.training.fixture.ObjectStoreFixture;
import io.espalier.training.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseModelsIT {
    @TempDir
    Path folder;

    @Test
    void publishesEveryBaseModelOnceHoweverManyWorkersStart() throws Exception {
        try (var server = new ObjectStoreFixture(Files.createDirectory(folder.resolve("store")));
                var workers = Executors.newFixedThreadPool(2)) {
            ObjectStore store = server.store();
            Callable<Void> start = () -> {
                BaseModels.ensurePublished(store);
                return null;
            };

            for (var started : workers.invokeAll(List.of(start, start))) {
                started.get();
            }

            for (String name : BaseModels.names()) {
                String prefix = ObjectKeys.platformBaseModel(name);
                assertThat(store.list(prefix))
                        .containsExactlyInAnyOrder(
                                prefix + "card.md",
                                prefix + "complete",
                                prefix + "config.json",
                                prefix + "model.safetensors",
                                prefix + "tokenizer.json");
            }

            Path first = ready(store, "first");
            BaseModels.ensurePublished(store);
            assertThat(Sha256.of(ready(store, "second"))).isEqualTo(Sha256.of(first));

            store.delete(ObjectKeys.platformBaseModel("bge-small-zh-v1.5") + "complete");
            store.delete(ObjectKeys.platformBaseModel("bge-small-zh-v1.5") + "card.md");
            BaseModels.ensurePublished(store);
            assertThat(store.exists(ObjectKeys.platformBaseModel("bge-small-zh-v1.5") + "card.md"))
                    .as("what was not whole is written again")
                    .isTrue();
        }
    }

    private Path ready(ObjectStore store, String name) {
        Path file = folder.resolve(name);
        store.download(ObjectKeys.platformBaseModel("all-MiniLM-L6-v2") + BaseModels.WEIGHTS_FILE, file);
        return file;
    }

    @Test
    void saysOfTheEnglishModelWhatItsAuthorsDo() throws Exception {
        BaseModels.write("all-MiniLM-L6-v2", folder);

        assertThat(EncoderConfig.read(folder.resolve(EncoderConfig.FILE)))
                .isEqualTo(new EncoderConfig("bert", "gelu", 384, 6, 12, 1536, 30_522, 512, 2, 1e-12, Pooling.MEAN));
        assertThat(folder.resolve(EncoderConfig.FILE))
                .content()
                .contains("\"hidden_size\" : 384", "\"pooling\" : \"mean\"");
        assertThat(folder.resolve(BaseModels.CARD_FILE)).content().contains("license: apache-2.0", "language: [en]");
        assertThat(Safetensors.read(folder.resolve(BaseModels.WEIGHTS_FILE)))
                .hasSize(101)
                .doesNotContainKey("embeddings.position_ids");
        try (var transform = TextTransform.open(folder.resolve(BaseModels.TOKENIZER_FILE), 8)) {
            assertThat(transform.encode("Hello, world")).containsExactly(101, 7592, 1010, 2088, 102);
            assertThat(transform.encode("word ".repeat(600))).hasSize(8);
        }
    }

    @Test
    void saysOfTheChineseModelWhatItsAuthorsDo() throws Exception {
        BaseModels.write("bge-small-zh-v1.5", folder);

        assertThat(EncoderConfig.read(folder.resolve(EncoderConfig.FILE)))
                .isEqualTo(new EncoderConfig("bert", "gelu", 512, 4, 8, 2048, 21_128, 512, 2, 1e-12, Pooling.CLS));
        assertThat(folder.resolve(BaseModels.CARD_FILE)).content().contains("license: mit", "language: [zh]");
        try (var transform = TextTransform.open(folder.resolve(BaseModels.TOKENIZER_FILE), 8)) {
            assertThat(transform.encode("你好")).containsExactly(101, 872, 1962, 102);
        }
    }
}
