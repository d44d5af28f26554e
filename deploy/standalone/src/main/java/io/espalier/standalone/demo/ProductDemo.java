package io.espalier.standalone.demo;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.job.GateDecision;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.contracts.task.textclassification.TextClassification;
import io.espalier.standalone.console.Console;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The main job, step by step, with everything shown that a newcomer wants to see: from a file to an answer. One use each. */
final class ProductDemo {
    private static final String SHIPPED_EXAMPLE =
            "Hi, I sent the boots back two weeks ago and still haven't seen my money. What's going on?";
    private static final Duration POLL = Duration.ofMillis(300);
    private static final Duration DEPLOY_LIMIT = Duration.ofMinutes(3);
    /** A new key or deployment reaches the gateway within seconds. */
    private static final Duration ROUTE_LIMIT = Duration.ofSeconds(30);

    private final String baseUrl;
    private final ApiClient api;
    private final DemoData data;
    private final DemoFiles files;
    private final Console console;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /** @param api of a member who is logged in */
    ProductDemo(String baseUrl, ApiClient api, DemoData data, Console console) {
        this.baseUrl = baseUrl;
        this.api = api;
        this.data = data;
        this.files = DemoFiles.of(data);
        this.console = console;
    }

    /** @throws DemoFailedException if a step does not work */
    DemoReport run() throws InterruptedException {
        UUID tenant = UUID.fromString(
                api.get("/api/session").path("tenant").path("id").asString());
        long start = System.nanoTime();
        UUID dataset = dataset();
        UUID version = upload(dataset);
        DatasetReport profile = inspect(dataset, version);
        JsonNode product = product();
        String productPath = "/api/products/" + product.path("id").asString();
        JsonNode job = train(productPath, version);
        Evaluation evaluation = read(job.path("evaluation"), Evaluation.class);
        showEvaluation(job, evaluation);
        long modelVersion = job.path("modelVersion").asLong();
        deploy(productPath, modelVersion);
        String key = newKey();
        String predictUrl = baseUrl + "/v1/products/" + product.path("slug").asString() + "/predict";
        JsonNode answer = predict(predictUrl, key, example(profile));
        seconds.put("total", secondsSince(start));
        return new DemoReport(
                data.task(),
                new TreeMap<>(evaluation.metrics()),
                artifact(job),
                training(job.path("trained")),
                rows(job, profile),
                seconds,
                predictUrl,
                key,
                answer,
                baseUrl,
                tenant,
                UUID.fromString(product.path("id").asString()),
                product.path("slug").asString(),
                dataset,
                version,
                UUID.fromString(job.path("id").asString()),
                modelVersion);
    }

    private UUID dataset() throws InterruptedException {
        JsonNode dataset = api.find(
                "/api/datasets",
                known -> known.path("name").asString().equals(files.title())
                        && known.path("task").asString().equals(data.task()));
        if (dataset == null) {
            dataset = api.post("/api/datasets", Map.of("name", files.title(), "task", data.task()));
        }
        return UUID.fromString(dataset.path("id").asString());
    }

    private UUID upload(UUID dataset) throws InterruptedException {
        heading("Upload " + files.names());
        long start = System.nanoTime();
        Map<String, List<String>> columns = new HashMap<>();
        if (files.columns().text() instanceof String text) {
            columns.put("text", List.of(text));
        }
        if (files.columns().label() instanceof String label) {
            columns.put(ColumnRole.LABEL, List.of(label));
        }
        Map<String, Object> mapping = new HashMap<>(Map.of("columnsByRole", columns));
        if (files.columns().split() instanceof String split) {
            mapping.put("splitColumn", split);
        }
        String versions = "/api/datasets/" + dataset + "/versions";
        JsonNode version = api.post(versions, Map.of("mapping", mapping));
        String path = versions + "/" + version.path("id").asString();
        for (DemoFiles.Part part : files.parts()) {
            api.upload(path + "/parts/" + segment(part.name()), part);
        }
        api.post(path + "/complete", Map.of());
        took("upload", start);
        console.line("  Dataset %s, version %d"
                .formatted(files.title(), version.path("number").asInt()));
        return UUID.fromString(version.path("id").asString());
    }

    private DatasetReport inspect(UUID dataset, UUID version) throws InterruptedException {
        heading("Inspect the data");
        long start = System.nanoTime();
        String path = "/api/datasets/" + dataset + "/versions/" + version;
        JsonNode inspected = await(path, Duration.ofHours(1), "The inspection", state -> !state.equals("INSPECTING"));
        took("inspect", start);
        if (inspected.path("state").asString().equals("FAILED")) {
            throw new DemoFailedException(
                    "the data could not be read: " + inspected.path("failure").asString("for an unknown reason"));
        }
        DatasetReport report = read(api.get(path + "/report"), DatasetReport.class);
        console.line(Tables.profile(report));
        if (!report.trainable()) {
            throw new DemoFailedException("the data cannot be trained on; the errors are listed above.");
        }
        return report;
    }

    /** The product of the file's name; the same file for another task or from another base model is another product. */
    private JsonNode product() throws InterruptedException {
        Map<String, Object> wish = new HashMap<>(Map.of("task", data.task()));
        if (data.baseModel() instanceof String baseModel) {
            wish.put("baseModel", baseModel);
        }
        String slug = files.title();
        JsonNode known = product(slug);
        if (known != null && !isAsWished(known, wish)) {
            slug = files.title() + "-"
                    + Objects.requireNonNullElse(data.baseModel(), data.task())
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9]+", "-");
            known = product(slug);
        }
        if (known != null) {
            return known;
        }
        wish.putAll(Map.of("name", slug, "slug", slug));
        return api.post("/api/products", wish);
    }

    private @Nullable JsonNode product(String slug) throws InterruptedException {
        return api.find("/api/products", known -> known.path("slug").asString().equals(slug));
    }

    private static boolean isAsWished(JsonNode product, Map<String, Object> wish) {
        return wish.entrySet().stream()
                .allMatch(field -> product.path(field.getKey()).asString().equals(field.getValue()));
    }

    private JsonNode train(String productPath, UUID version) throws InterruptedException {
        heading("Train");
        Map<String, Object> request = Map.of("datasetVersion", version, "hyperparameters", data.hyperparameters());
        JsonNode estimate = api.post(productPath + "/training-jobs/estimate", request);
        console.line("  About %s for %d rows"
                .formatted(
                        TrainingProgress.duration(estimate.path("seconds").asDouble()),
                        estimate.path("rows").asLong()));
        JsonNode created = api.post(productPath + "/training-jobs", request);
        String jobPath = "/api/training-jobs/" + created.path("id").asString();
        TrainingProgress progress = new TrainingProgress(console);
        JsonNode job = new JobEvents(api, jobPath).follow(progress::accept);
        console.status("");
        if (!job.path("state").asString().equals(JobState.SUCCEEDED.name())) {
            throw new DemoFailedException("the training job ended as %s: %s"
                    .formatted(
                            job.path("state").asString().toLowerCase(Locale.ROOT),
                            job.path("reason").asString("no reason was given")));
        }
        stages(job);
        return job;
    }

    /** How long the job was in each of its states. */
    private void stages(JsonNode job) {
        Map<JobState, Instant> entered = new TreeMap<>();
        job.path("timestamps")
                .forEachEntry((state, at) -> entered.put(JobState.valueOf(state), Instant.parse(at.asString())));
        JobState previous = null;
        for (Map.Entry<JobState, Instant> state : entered.entrySet()) {
            if (previous != null) {
                double lasted = Duration.between(entered.get(previous), state.getValue())
                                .toMillis()
                        / 1000.0;
                seconds.put(previous.name().toLowerCase(Locale.ROOT), lasted);
            }
            previous = state.getKey();
        }
    }

    private void showEvaluation(JsonNode job, Evaluation evaluation) {
        heading("Evaluation of the artifact that serves, on the test split");
        console.line(Tables.evaluation(evaluation));
        GateDecision gate = read(job.path("gate"), GateDecision.class);
        console.line("");
        console.line("  Served as %s (%.1f MB): %s"
                .formatted(gate.chosen().precision(), gate.chosen().bytes() / 1e6, gate.reason()));
    }

    private void deploy(String productPath, long modelVersion) throws InterruptedException {
        heading("Deploy version " + modelVersion);
        long start = System.nanoTime();
        api.put(productPath + "/deployment", Map.of("version", modelVersion));
        JsonNode deployment =
                await(productPath + "/deployment", DEPLOY_LIMIT, "The deployment", state -> !state.equals("LOADING"));
        if (!deployment.path("state").asString().equals("READY")) {
            throw new DemoFailedException(
                    "the deployment is " + deployment.path("state").asString() + ": "
                            + deployment.path("failure").asString("no reason was given"));
        }
        took("deploy", start);
        console.line("  Ready after %.1f s".formatted(seconds.get("deploy")));
    }

    private String newKey() throws InterruptedException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return api.post("/api/api-keys", Map.of("name", "Demo of " + now))
                .path("key")
                .asString();
    }

    private JsonNode predict(String predictUrl, String key, JsonNode input) throws InterruptedException {
        heading("Ask it");
        ObjectNode body = api.json().createObjectNode();
        body.set("inputs", input);
        console.line(
                """
                curl %s \\
                  -H 'Authorization: Bearer %s' \\
                  -H 'Content-Type: application/json' \\
                  -d '%s'""".formatted(
                        predictUrl, key, api.json().writeValueAsString(body).replace("'", "'\\''")),
                key);
        long start = System.nanoTime();
        String path = predictUrl.substring(baseUrl.length());
        ApiClient.Answer answer = api.attempt("POST", path, body, key);
        while (!answer.isSuccess() && System.nanoTime() - start < ROUTE_LIMIT.toNanos()) {
            Thread.sleep(POLL);
            answer = api.attempt("POST", path, body, key);
        }
        if (!answer.isSuccess()) {
            throw new DemoFailedException("the prediction answered %d: %s".formatted(answer.status(), answer.body()));
        }
        took("firstAnswer", start);
        console.line("");
        console.line(api.json().writeValueAsString(answer.body()));
        return answer.body();
    }

    /** Something to ask: a message for the shipped data, else the first row of the file, or a small copy of its first picture, or its first user. */
    private JsonNode example(DatasetReport report) {
        if (data.files().isEmpty() && data.task().equals(TextClassification.NAME)) {
            return api.json().getNodeFactory().stringNode(SHIPPED_EXAMPLE);
        }
        if (report.profile().images() instanceof DatasetReport.Images images) {
            return api.json()
                    .getNodeFactory()
                    .stringNode(images.thumbnails().getFirst().url());
        }
        List<String> columns = report.preview().columns();
        List<@Nullable String> row = report.preview().rows().getFirst();
        Map<String, List<String>> roles = report.mapping().columnsByRole();
        if (data.task().equals(TextClassification.NAME)) {
            String column = roles.getOrDefault("text", List.of()).getFirst();
            String text = row.get(columns.indexOf(column));
            return api.json().getNodeFactory().stringNode(text == null ? "" : text);
        }
        ObjectNode object = api.json().createObjectNode();
        if (data.task().equals(Recommendation.NAME)) {
            String column = roles.getOrDefault(Recommendation.USER, List.of()).getFirst();
            return object.put("user", row.get(columns.indexOf(column)));
        }
        for (String column : roles.getOrDefault("features", List.of())) {
            String cell = row.get(columns.indexOf(column));
            if (cell == null || cell.isBlank()) {
                object.putNull(column);
            } else {
                object.set(column, cell(cell.strip()));
            }
        }
        return object;
    }

    private JsonNode cell(String text) {
        try {
            return api.json().getNodeFactory().numberNode(new BigDecimal(text));
        } catch (NumberFormatException _) {
            return api.json().getNodeFactory().stringNode(text);
        }
    }

    private DemoReport.Artifact artifact(JsonNode job) {
        GateDecision gate = read(job.path("gate"), GateDecision.class);
        return new DemoReport.Artifact(gate.chosen().precision(), gate.chosen().bytes());
    }

    private static DemoReport.Training training(JsonNode trained) {
        return new DemoReport.Training(
                trained.path("precision").asString(),
                trained.path("seed").asLong(),
                trained.path("epochs").asInt(),
                trained.path("validationMetric").asDouble(),
                trained.path("samplesPerSecond").asDouble());
    }

    private static Map<String, Long> rows(JsonNode job, DatasetReport profile) {
        Map<String, Long> rows = new TreeMap<>();
        for (Split split : Split.values()) {
            long count = job.path("rows")
                    .path(split.name())
                    .asLong(profile.rowsBySplit().getOrDefault(split, 0L));
            rows.put(split.name().toLowerCase(Locale.ROOT), count);
        }
        return rows;
    }

    /** Shows what goes on where the resource says so. */
    private JsonNode await(String path, Duration limit, String what, Predicate<String> over)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        String shown = "";
        while (true) {
            JsonNode resource = api.get(path);
            if (over.test(resource.path("state").asString())) {
                return resource;
            }
            String progress = resource.path("progress").asString("");
            if (!progress.equals(shown)) {
                console.line("  " + progress);
                shown = progress;
            }
            if (System.nanoTime() > deadline) {
                throw new DemoFailedException(what + " took longer than " + limit.toMinutes() + " minutes.");
            }
            Thread.sleep(POLL);
        }
    }

    /** A file name as a segment of a path. */
    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private <T> T read(JsonNode node, Class<T> type) {
        return api.json().treeToValue(node, type);
    }

    private void heading(String text) {
        console.line("");
        console.line(text);
    }

    private void took(String stage, long startNanos) {
        seconds.put(stage, secondsSince(startNanos));
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000 / 1000.0;
    }
}
