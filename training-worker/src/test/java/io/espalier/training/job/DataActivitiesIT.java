package io.espalier.training.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.ExportedModel;
import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.job.GateDecision;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.modelkit.bundle.Bundles;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.fixture.ObjectStoreFixture;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What follows a training, in the order of the workflow, on a base model with a classifier nobody trained. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DataActivitiesIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> LABELS = List.of("negative", "positive");
    private static final List<String> TEXTS = List.of(
            "What a lovely afternoon",
            "The parcel came too late and was broken",
            "Nobody answers the phone, I want my money back",
            "Great",
            "我很喜欢");

    private Path folder;
    /** To a control plane that is away. */
    @AutoClose
    private final ProgressReports reports = new ProgressReports(URI.create("http://127.0.0.1:1"), "credential");

    private ObjectStoreFixture server;
    private ObjectStore store;
    private TestActivityEnvironment temporal;
    private DataActivities activities;
    private TrainingJobSpec spec;
    private PreparedData data;
    private TrainedModel trained;
    private ExportedModel exported;
    private GateDecision gate;

    @BeforeAll
    void trainNothing(@TempDir Path folder) throws Exception {
        this.folder = folder;
        server = new ObjectStoreFixture(Files.createDirectory(folder.resolve("store")));
        store = server.store();
        temporal = TestActivityEnvironment.newInstance();
        temporal.registerActivitiesImplementations(
                new DataActivitiesImpl(store, folder.resolve("work"), reports, 2, null));
        activities = temporal.newActivityStub(DataActivities.class);

        JobRef job = new JobRef(UUID.randomUUID(), UUID.randomUUID());
        spec = new TrainingJobSpec(
                job,
                UUID.randomUUID(),
                "text-classification",
                UUID.randomUUID(),
                "c0ffee",
                List.of(),
                new ColumnMapping(Map.of(), null),
                "all-MiniLM-L6-v2",
                ObjectKeys.platformBaseModel("all-MiniLM-L6-v2"),
                Map.of(),
                Accelerator.CPU);
        Map<Split, String> keys = new HashMap<>();
        for (Split split : Split.values()) {
            keys.put(split, ObjectKeys.split(job, split));
            store.put(ObjectKeys.split(job, split), rows());
        }
        data = new PreparedData(keys, Map.of(), LABELS);
        String prefix = ObjectKeys.trainingAttempt(job, 1) + "model/";
        store.uploadDirectory(prefix, writeModel());
        trained = new TrainedModel(prefix, "beef", Map.of("maxLength", 64), "fp32", 2, 7, 1, 3, 2, .9, 100, 60);
    }

    @AfterAll
    void stop() throws Exception {
        temporal.close();
        server.close();
    }

    private static byte[] rows() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            rows.append(JSON.writeValueAsString(Map.of(
                            "input", TEXTS.get(i % TEXTS.size()) + " " + i, "label", LABELS.get(i % LABELS.size()))))
                    .append('\n');
        }
        return rows.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Path writeModel() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        BaseModels.write("all-MiniLM-L6-v2", model);
        Map<String, Tensor> weights = Safetensors.read(model.resolve(BaseModels.WEIGHTS_FILE));
        Random random = new Random(3);
        float[] head = new float[2 * 384];
        for (int i = 0; i < head.length; i++) {
            head[i] = (float) random.nextGaussian();
        }
        weights.put("classifier.weight", Tensor.of(head, 2, 384));
        weights.put("classifier.bias", Tensor.of(new float[2], 2));
        Safetensors.write(model.resolve(TrainedFiles.WEIGHTS), weights, Map.of());
        @SuppressWarnings("unchecked")
        Map<String, Object> architecture = JSON.readValue(model.resolve(EncoderConfig.FILE), Map.class);
        TrainedFiles.write(
                model,
                new TrainedFiles.Description(
                        "text-classification", LABELS, Map.of("maxLength", 64), architecture, null));
        return model;
    }

    @Test
    @Order(1)
    void exportsTheSameBundlesHoweverOftenItIsTried() {
        exported = activities.export(spec, data, trained);

        assertThat(exported.bundles())
                .extracting(ExportedModel.Bundle::precision)
                .containsExactly("fp32", "int8");
        assertThat(exported.bundles()).allSatisfy(bundle -> {
            assertThat(bundle.objectKey()).startsWith(ObjectKeys.jobScratch(spec.ref()));
            assertThat(store.size(bundle.objectKey())).hasValue(bundle.bytes());
        });
        assertThat(activities.export(spec, data, trained)).isEqualTo(exported);
    }

    @Test
    @Order(2)
    void saysInTheManifestWhatTheModelIsAndWhereItComesFrom() {
        ModelManifest manifest = unpack(exported.bundles().getLast(), "exported");

        assertThat(manifest.task()).isEqualTo("text-classification");
        assertThat(manifest.precision()).isEqualTo("int8");
        assertThat(manifest.labels()).isEqualTo(LABELS);
        assertThat(manifest.files()).containsOnlyKeys("model.onnx", "tokenizer.json");
        assertThat(manifest.transform()).isEqualTo(Map.of("maxLength", 64));
        assertThat(manifest.inputs())
                .containsExactly(
                        new ModelManifest.TensorShape("input_ids", "int64", List.of("batch", "length")),
                        new ModelManifest.TensorShape("attention_mask", "int64", List.of("batch", "length")));
        assertThat(manifest.outputs())
                .containsExactly(new ModelManifest.TensorShape("logits", "float32", List.of("batch", "2")));
        assertThat(manifest.lineage())
                .isEqualTo(new ModelManifest.Lineage(
                        spec.ref().tenant(),
                        spec.product(),
                        spec.ref().job(),
                        spec.datasetVersion(),
                        "c0ffee",
                        "all-MiniLM-L6-v2",
                        "beef",
                        Map.of("maxLength", 64),
                        7,
                        "fp32",
                        2,
                        CodeVersion.CURRENT));
        assertThat(CodeVersion.CURRENT).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    @Test
    @Order(3)
    void choosesABundleAndWritesItsMetricsIntoIt() {
        gate = activities.gate(spec, data, exported);

        assertThat(gate.validationMetrics()).containsOnlyKeys("fp32", "int8");
        assertThat(gate.reason()).startsWith(gate.chosen().precision() + " serves");
        assertThat(gate.chosen().objectKey())
                .isEqualTo(ObjectKeys.bundle(
                        spec.ref(), gate.chosen().precision(), gate.chosen().sha256()));
        assertThat(unpack(gate.chosen(), "chosen").validationMetrics())
                .containsEntry(
                        "accuracy", gate.validationMetrics().get(gate.chosen().precision()))
                .containsKey("macroF1");
        assertThat(activities.gate(spec, data, exported)).isEqualTo(gate);
    }

    @Test
    @Order(4)
    void aLateAttemptNeitherOverwritesNorDeletesWhatAnotherMade() {
        String registered = ObjectKeys.bundle(spec.ref(), "fp32", "c0ffee");
        store.put(registered, new byte[] {1});
        var retrained = new TrainedModel(
                trained.prefix(), "dead", trained.hyperparameters(), "fp32", 2, 8, 2, 3, 2, .9, 100, 60);

        activities.export(spec, data, retrained);
        activities.gate(spec, data, exported);

        assertThat(exported.bundles())
                .allSatisfy(bundle -> assertThat(unpack(bundle, "late-" + bundle.precision())
                                .lineage()
                                .seed())
                        .isEqualTo(7));
        assertThat(store.exists(registered)).isTrue();
        store.delete(registered);
    }

    @Test
    @Order(5)
    void evaluatesOnEveryTestRowAndKeepsTheAnswers() {
        var evaluation = activities.evaluate(spec, data, gate);

        assertThat(evaluation.rows()).isEqualTo(60);
        assertThat(evaluation.metrics()).containsKeys("accuracy", "macroF1", "rocAuc");
        List<JsonNode> lines = new String(store.get(evaluation.predictionsKey()), StandardCharsets.UTF_8)
                .lines()
                .map(JSON::readTree)
                .toList();
        assertThat(lines).hasSize(60).allSatisfy(line -> {
            assertThat(line.get("input").isString()).isTrue();
            assertThat(line.get("answer")).hasSize(2);
        });
        long right = lines.stream()
                .filter(line -> line.get("answer").get(0).get("label").equals(line.get("label")))
                .count();
        assertThat(evaluation.metrics()).containsEntry("accuracy", right / 60.0);
    }

    @Test
    @Order(6)
    void refusesForGoodWhatNoRetryMends() {
        JobRef other = new JobRef(spec.ref().tenant(), UUID.randomUUID());
        String key = ObjectKeys.split(other, Split.VALIDATION);
        store.put(key, "{\"input\": \"text\", \"label\": \"unheard of\"}\n".getBytes(StandardCharsets.UTF_8));
        PreparedData wrong = new PreparedData(Map.of(Split.VALIDATION, key), Map.of(), LABELS);

        assertThatThrownBy(() -> activities.gate(spec, wrong, exported))
                .isInstanceOf(ActivityFailure.class)
                .cause()
                .isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
                    assertThat(failure.isNonRetryable()).isTrue();
                    assertThat(failure.getType()).isEqualTo(FailureTypes.INVALID_DATASET);
                    assertThat(failure.getOriginalMessage()).contains("unheard of");
                });
    }

    @Test
    @Order(7)
    void leavesOnlyWhatTheModelVersionNeeds() {
        activities.discard(spec);
        activities.discard(spec);

        assertThat(store.list(ObjectKeys.job(spec.ref())))
                .filteredOn(key -> !key.startsWith(ObjectKeys.trainedModels(spec.ref())))
                .containsExactlyInAnyOrder(gate.chosen().objectKey(), ObjectKeys.predictions(spec.ref()));
        String kept = ObjectKeys.trainedModel(spec.ref(), trained.weightsSha256());
        assertThat(store.list(kept))
                .contains(kept + TrainedFiles.WEIGHTS, kept + TrainedFiles.DESCRIPTION, kept + EncoderConfig.FILE);
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    private ModelManifest unpack(ExportedModel.Bundle bundle, String name) {
        Path zip = folder.resolve(name + ".zip");
        store.download(bundle.objectKey(), zip);
        assertThat(Sha256.of(zip)).isEqualTo(bundle.sha256());
        return Bundles.unpack(zip, folder.resolve(name));
    }
}
