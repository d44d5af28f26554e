package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.espalier.tests.Api.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Whatever a caller sends, the answer says in plain words what is wrong with it, and nothing is left half-written. */
@ExtendWith(SharedInstallation.class)
class BadRequestsE2ET {
    /** Five hundred mutations in all. */
    private static final int MUTATED_REQUESTS = 460;

    private static final int MUTATED_FILES = 500 - MUTATED_REQUESTS;
    /** Errors that no single row or column is the reason of. */
    private static final Set<String> ABOUT_ALL_ROWS = Set.of(
            "empty-file",
            "no-rows",
            "unsupported-format",
            "damaged-parquet",
            "missing-column",
            "no-training-rows",
            "too-few-rows",
            "one-class",
            "too-many-classes");

    private static Shop shop;
    private static Api operator;
    private static Api customer;
    private static List<ApiDescription.Operation> lists;
    private static String dataset;
    private static String openVersion;
    private static String product;
    /** Trained on {@link #tableVersion} and deployed. */
    private static String tableProduct;

    private static String tableVersion;
    /** Where pictures are previewed. */
    private static String preview;

    /**
     * @param body sent as it is
     * @param named a field that the errors must name; empty where there is nothing to name
     */
    private record Case(String name, String method, String path, String body, int status, String named) {}

    @BeforeAll
    static void openAShop(Installation installation) {
        shop = Shop.open(installation.origin(), installation.operatorCredential());
        dataset = shop.dataset("text-classification");
        product = shop.product("text-classification").get("id").asString();
        openVersion = shop.api()
                .post("/api/datasets/" + dataset + "/versions", Map.of())
                .expect(201)
                .json()
                .get("id")
                .asString();
        operator = Api.withBearer(installation.origin(), installation.operatorCredential());
        customer = shop.customer(installation.origin());
        lists = ApiDescription.of(installation.origin()).lists().toList();
        tableVersion = shop.upload(shop.dataset("tabular-classification"), "orders.csv", Shop.orders(100, 2));
        tableProduct = shop.product("tabular-classification").get("id").asString();
        shop.trainAndDeploy(tableProduct, tableVersion, Map.of("epochs", 2));
        String pictures = shop.dataset("image-classification");
        preview = "/api/datasets/" + pictures + "/versions/"
                + shop.upload(pictures, "bars.zip", Pictures.zip(Pictures.bars(40))) + "/augmentation-preview";
        customer.awaitStatus("/v1/products/" + tableProduct + "/predict", Map.of("inputs", Map.of("amount", 9)), 200);
    }

    private static List<Case> cases() {
        String versions = "/api/datasets/" + dataset + "/versions";
        String jobs = "/api/products/" + product + "/training-jobs";
        String nobody = UUID.randomUUID().toString();
        return List.of(
                new Case("dataset without a body", "POST", "/api/datasets", "", 400, ""),
                new Case("dataset that is no JSON", "POST", "/api/datasets", "{name: shop", 400, ""),
                new Case("dataset that is a list", "POST", "/api/datasets", "[]", 400, ""),
                new Case(
                        "dataset without a name",
                        "POST",
                        "/api/datasets",
                        "{\"task\":\"text-classification\"}",
                        422,
                        "name"),
                new Case(
                        "dataset with an empty name",
                        "POST",
                        "/api/datasets",
                        "{\"name\":\" \",\"task\":\"text-classification\"}",
                        422,
                        "name"),
                new Case(
                        "dataset with a name of 10,000 letters",
                        "POST",
                        "/api/datasets",
                        "{\"name\":\"" + "x".repeat(10_000) + "\",\"task\":\"text-classification\"}",
                        422,
                        "name"),
                new Case("dataset without a task", "POST", "/api/datasets", "{\"name\":\"a\"}", 422, "task"),
                new Case(
                        "dataset of an unknown task",
                        "POST",
                        "/api/datasets",
                        "{\"name\":\"a\",\"task\":\"mind-reading\"}",
                        422,
                        "task"),
                new Case(
                        "dataset with an unknown field",
                        "POST",
                        "/api/datasets",
                        "{\"name\":\"a\",\"task\":\"text-classification\",\"colour\":1}",
                        422,
                        "colour"),
                new Case(
                        "dataset with a field without a name",
                        "POST",
                        "/api/datasets",
                        "{\"name\":\"a\",\"task\":\"text-classification\",\"\":1}",
                        422,
                        "\"\""),
                new Case(
                        "dataset with a NUL in its name",
                        "POST",
                        "/api/datasets",
                        "{\"name\":\"a\\u0000b\",\"task\":\"text-classification\"}",
                        422,
                        "name"),
                new Case("version of no dataset", "POST", "/api/datasets/" + nobody + "/versions", "{}", 404, ""),
                new Case("version of a malformed id", "POST", "/api/datasets/42/versions", "{}", 404, ""),
                new Case(
                        "version with a mapping that is a word",
                        "POST",
                        versions,
                        "{\"mapping\":\"text\"}",
                        422,
                        "mapping"),
                new Case("report of no version", "GET", versions + "/" + nobody + "/report", "", 404, ""),
                new Case(
                        "preview of no version",
                        "POST",
                        versions + "/" + nobody + "/augmentation-preview",
                        "{}",
                        404,
                        ""),
                new Case("preview of nine pictures", "POST", preview, "{\"images\":9}", 422, "images"),
                new Case("preview without variants", "POST", preview, "{\"variants\":0}", 422, "variants"),
                new Case("preview with a seed below zero", "POST", preview, "{\"seed\":-1}", 422, "seed"),
                new Case("preview of a word of pictures", "POST", preview, "{\"images\":\"all\"}", 422, "images"),
                new Case(
                        "preview that turns pictures too far",
                        "POST",
                        preview,
                        "{\"hyperparameters\":{\"rotation\":200}}",
                        422,
                        "hyperparameters.rotation"),
                new Case(
                        "preview of what is no hyperparameter",
                        "POST",
                        preview,
                        "{\"hyperparameters\":{\"spin\":1}}",
                        422,
                        "hyperparameters.spin"),
                new Case(
                        "product without a name",
                        "POST",
                        "/api/products",
                        "{\"task\":\"text-classification\"}",
                        422,
                        "name"),
                new Case(
                        "product of an unknown task",
                        "POST",
                        "/api/products",
                        "{\"name\":\"p\",\"task\":\"x\"}",
                        422,
                        "task"),
                new Case(
                        "product on an unknown base model",
                        "POST",
                        "/api/products",
                        "{\"name\":\"p\",\"task\":\"text-classification\",\"baseModel\":\"gpt-9\"}",
                        422,
                        "baseModel"),
                new Case(
                        "product with a bad slug",
                        "POST",
                        "/api/products",
                        "{\"name\":\"p\",\"slug\":\"Not A Slug!\",\"task\":\"text-classification\"}",
                        422,
                        "slug"),
                new Case(
                        "table product with a base model",
                        "POST",
                        "/api/products",
                        "{\"name\":\"p\",\"task\":\"tabular-classification\",\"baseModel\":\"all-MiniLM-L6-v2\"}",
                        422,
                        "baseModel"),
                new Case("base model without a task", "POST", "/api/base-models", "{\"name\":\"ours\"}", 422, "task"),
                new Case(
                        "base model for tables",
                        "POST",
                        "/api/base-models",
                        "{\"name\":\"ours\",\"task\":\"tabular-classification\"}",
                        422,
                        "task"),
                new Case(
                        "base model of a repository that climbs out",
                        "POST",
                        "/api/base-models",
                        "{\"name\":\"ours\",\"task\":\"text-classification\",\"hub\":{\"repository\":\"../secrets\"}}",
                        422,
                        "hub.repository"),
                new Case("import of no base model", "POST", "/api/base-models/" + nobody + "/import", "{}", 404, ""),
                new Case(
                        "file of no base model",
                        "PUT",
                        "/api/base-models/" + nobody + "/files/config.json",
                        "{}",
                        404,
                        ""),
                new Case("job without a dataset version", "POST", jobs, "{}", 422, "datasetVersion"),
                new Case(
                        "job on no dataset version",
                        "POST",
                        jobs,
                        "{\"datasetVersion\":\"" + nobody + "\"}",
                        422,
                        "datasetVersion"),
                new Case(
                        "job on a malformed dataset version",
                        "POST",
                        jobs,
                        "{\"datasetVersion\":\"seven\"}",
                        422,
                        "datasetVersion"),
                new Case(
                        "job with hyperparameters in a list",
                        "POST",
                        jobs,
                        "{\"datasetVersion\":\"" + nobody + "\",\"hyperparameters\":[1]}",
                        422,
                        "hyperparameters"),
                new Case(
                        "job with half an epoch",
                        "POST",
                        jobs,
                        "{\"datasetVersion\":\"" + nobody + "\",\"hyperparameters\":{\"epochs\":0.5}}",
                        422,
                        "hyperparameters.epochs"),
                new Case(
                        "job of no product",
                        "POST",
                        "/api/products/" + nobody + "/training-jobs",
                        "{\"datasetVersion\":\"" + nobody + "\"}",
                        404,
                        ""),
                new Case("cancelling no job", "POST", "/api/training-jobs/" + nobody + "/cancel", "{}", 404, ""),
                new Case("jobs after a broken cursor", "GET", "/api/training-jobs?cursor=!!!", "", 422, "cursor"),
                new Case("jobs by the million", "GET", "/api/training-jobs?limit=1000000", "", 422, "limit"),
                new Case("jobs, minus one of them", "GET", "/api/training-jobs?limit=-1", "", 422, "limit"),
                new Case("jobs, many of them", "GET", "/api/training-jobs?limit=many", "", 422, "limit"),
                new Case(
                        "deployment without a version",
                        "PUT",
                        "/api/products/" + product + "/deployment",
                        "{}",
                        422,
                        "version"),
                new Case(
                        "deployment of a version that is not there",
                        "PUT",
                        "/api/products/" + product + "/deployment",
                        "{\"version\":7}",
                        422,
                        "version"),
                new Case(
                        "version number that is a word",
                        "GET",
                        "/api/products/" + product + "/versions/one",
                        "",
                        404,
                        ""),
                new Case("key without a name", "POST", "/api/api-keys", "{}", 422, "name"),
                new Case(
                        "key with a rate below zero",
                        "POST",
                        "/api/api-keys",
                        "{\"name\":\"k\",\"requestsPerMinute\":-5}",
                        422,
                        "requestsPerMinute"),
                new Case("revoking no key", "DELETE", "/api/api-keys/" + nobody, "", 404, ""),
                new Case(
                        "member without an address",
                        "POST",
                        "/api/members",
                        "{\"password\":\"long enough for us\"}",
                        422,
                        "email"),
                new Case(
                        "member with a broken address",
                        "POST",
                        "/api/members",
                        "{\"email\":\"nobody\",\"password\":\"long enough for us\"}",
                        422,
                        "email"),
                new Case(
                        "member with a short password",
                        "POST",
                        "/api/members",
                        "{\"email\":\"a@b.example\",\"password\":\"short\"}",
                        422,
                        "password"),
                new Case(
                        "login with a wrong password",
                        "POST",
                        "/api/session",
                        "{\"email\":\"a@b.example\",\"password\":\"wrong horse battery\"}",
                        401,
                        ""),
                new Case(
                        "login without a password",
                        "POST",
                        "/api/session",
                        "{\"email\":\"a@b.example\"}",
                        422,
                        "password"),
                new Case(
                        "password change with a wrong password",
                        "PUT",
                        "/api/session/password",
                        "{\"currentPassword\":\"wrong horse battery\",\"newPassword\":\"long enough for us\"}",
                        422,
                        "currentPassword"),
                new Case("unknown task", "GET", "/api/tasks/mind-reading", "", 404, ""),
                new Case("unknown route", "GET", "/api/nothing-here", "", 404, ""),
                new Case("method that the route does not know", "PATCH", "/api/datasets", "{}", 405, ""),
                new Case(
                        "tenant made by a member",
                        "POST",
                        "/api/tenants",
                        "{\"name\":\"x\",\"owner\":{\"email\":\"x@y.example\",\"password\":\"long enough for us\"}}",
                        403,
                        ""),
                new Case("route table asked from outside", "GET", "/internal/route-table", "", 404, ""),
                new Case(
                        "prediction without a key",
                        "POST",
                        "/v1/products/" + product + "/predict",
                        "{\"inputs\":\"a\"}",
                        401,
                        ""));
    }

    @TestFactory
    Stream<DynamicTest> answersBadRequestsInPlainWords() {
        return cases().stream()
                .map(bad -> dynamicTest(bad.name(), () -> {
                    Map<String, Integer> before = counts();

                    Answer answer = send(shop.api(), bad.method(), bad.path(), bad.body());

                    assertThat(answer.status()).as(answer.body()).isEqualTo(bad.status());
                    assertThat(complaints(answer)).isEmpty();
                    assertThat(answer.header("x-request-id")).isNotBlank();
                    if (!bad.named().isEmpty()) {
                        assertThat(answer.fields()).contains(bad.named());
                    }
                    assertThat(counts()).isEqualTo(before);
                }));
    }

    /**
     * A request that is as it should be, before it is mutated.
     *
     * @param list where one more stands if it is accepted; empty if it makes nothing
     */
    private record Good(Api api, String method, String path, String body, String list) {}

    private static List<Good> goodRequests() {
        Api api = shop.api();
        // What may be there only once is new in every call.
        UUID id = UUID.randomUUID();
        String product = "/api/products/" + tableProduct;
        String versions = "/api/datasets/" + dataset + "/versions";
        String open = versions + "/" + openVersion;
        return List.of(
                new Good(api, "POST", "/api/datasets", """
                        {"name": "Letters", "task": "text-classification"}""", "/api/datasets"),
                new Good(api, "POST", versions, """
                        {"mapping": {"columnsByRole": {"text": ["message"], "label": ["topic"]}, "splitColumn": "part"}}""", versions),
                new Good(api, "PUT", open + "/mapping", """
                        {"columnsByRole": {"text": ["message"], "label": ["topic"]}, "splitColumn": "part"}""", ""),
                new Good(api, "POST", open + "/uploads", """
                        {"name": "letters.csv", "split": "train"}""", ""),
                new Good(api, "POST", "/api/products", """
                        {"name": "Post room", "task": "text-classification", "baseModel": "all-MiniLM-L6-v2"}""", "/api/products"),
                new Good(api, "POST", "/api/products", """
                        {"name": "Post room", "slug": "%s", "task": "tabular-classification"}""".formatted(id), "/api/products"),
                new Good(api, "POST", "/api/base-models", """
                        {"name": "Ours %s", "description": "Of letters", "task": "text-classification"}""".formatted(id), "/api/base-models"),
                new Good(api, "POST", "/api/api-keys", """
                        {"name": "Till", "requestsPerMinute": 600}""", "/api/api-keys"),
                new Good(api, "POST", "/api/members", """
                        {"email": "%s@shop.example", "password": "long enough for us"}""".formatted(id), "/api/members"),
                new Good(operator, "POST", "/api/tenants", """
                        {"name": "Branch", "owner": {"email": "%s@branch.example", "password": "long enough for us"}}""".formatted(id), ""),
                new Good(api, "POST", product + "/training-jobs", """
                        {"datasetVersion": "%s", "hyperparameters": {"epochs": 2, "classWeights": "none"}}""".formatted(tableVersion), "/api/training-jobs"),
                new Good(api, "POST", product + "/training-jobs/estimate", """
                        {"datasetVersion": "%s", "hyperparameters": {"dropout": 0.2}}""".formatted(tableVersion), ""),
                new Good(api, "POST", preview, """
                        {"hyperparameters": {"flip": "both", "rotation": 10, "mixup": 0.2}, "images": 2, "variants": 2, "seed": 3}""", ""),
                new Good(api, "PUT", product + "/deployment", """
                        {"version": 1}""", ""),
                new Good(customer, "POST", "/v1/products/" + tableProduct + "/predict", """
                        {"inputs": {"amount": 41.5, "items": 3, "channel": "web"}, "parameters": {"top_k": 1}}""", ""),
                new Good(customer, "POST", "/v1/products/" + tableProduct + "/predict", """
                        {"inputs": [{"amount": 41.5, "region": "north"}, {"amount": null, "channel": "outlet"}]}""", ""));
    }

    @Test
    void takesWhatItIsMutatedFrom() {
        // Otherwise the mutations below would be of requests that are refused anyway.
        for (Good good : goodRequests()) {
            Answer answer = send(good.api(), good.method(), good.path(), good.body());
            assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
            cancel(good, answer);
        }
    }

    @Test
    void answersMutatedRequestsInPlainWordsAndKeepsNothingOfThem() {
        Random random = new Random(20_261_123);
        List<Good> requests = goodRequests();
        Map<String, Integer> expected = new TreeMap<>(counts());
        List<String> failures = new ArrayList<>();
        int refused = 0;

        for (int round = 0; round < MUTATED_REQUESTS; round++) {
            Good good = requests.get(round % requests.size());
            String body = mutate(good.body(), random);
            Answer answer = send(good.api(), good.method(), good.path(), body);
            if (answer.status() < 300) {
                expected.computeIfPresent(good.list(), (list, count) -> count + 1);
                if (good.list().equals("/api/products")) {
                    // Which has a line for each.
                    expected.merge("/api/matrix", 1, Integer::sum);
                }
                cancel(good, answer);
                continue;
            }
            refused++;
            complaints(answer)
                    .forEach(complaint -> failures.add(complaint + ": " + good.path() + " " + body + " -> "
                            + answer.status() + " " + answer.body()));
        }

        assertThat(failures).isEmpty();
        assertThat(counts()).isEqualTo(expected);
        assertThat(refused).isGreaterThan(MUTATED_REQUESTS / 2);
    }

    @Test
    void reportsOnMutatedFilesByRowOrColumn() {
        Random random = new Random(20_261_124);
        Map<String, byte[]> files = new LinkedHashMap<>(badFiles());
        for (int file = 0; file < MUTATED_FILES; file++) {
            files.put("mutated-" + file + ".csv", mutate(Shop.messages(30, file), random));
        }
        Map<String, String> versions = new LinkedHashMap<>();
        files.forEach((name, content) -> versions.put(name, shop.beginUpload(dataset, name, content)));
        List<String> failures = new ArrayList<>();

        versions.forEach((name, version) -> {
            String state = shop.awaitInspection(dataset, version).get("state").asString();
            JsonNode report = shop.api()
                    .get("/api/datasets/" + dataset + "/versions/" + version + "/report")
                    .json();
            if (!isClear(state, report)) {
                failures.add(name + " is " + state + ": " + report + "\n"
                        + new String(files.get(name), StandardCharsets.ISO_8859_1));
            }
            if (!name.startsWith("mutated") && !state.equals("INVALID")) {
                failures.add(name + " is " + state);
            }
        });

        assertThat(failures).isEmpty();
    }

    private static Map<String, byte[]> badFiles() {
        return Map.of(
                "header-only.csv", bytes("text,label\n"),
                "one-class.csv",
                        bytes("text,label\n" + "a parcel,delivery\n".repeat(5) + numbered("a van %d,delivery\n")),
                "no-label-column.csv", bytes("text\n" + numbered("message %d\n")),
                "numbers-as-labels.csv", bytes("text,label\n" + numbered("message %1$d,%1$d\n")),
                "open-quote.csv", bytes("text,label\n\"a parcel,delivery\n" + numbered("a van %d,delivery\n")),
                "pdf.csv", bytes("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<<>>\nendobj\n"),
                "cut.parquet", bytes("PAR1\u0015\u0004\u0015"),
                "broken.jsonl", bytes("{\"text\": \"a parcel\", \"label\": \n".repeat(20)),
                "zeros.csv", new byte[4096]);
    }

    private static String numbered(String line) {
        return IntStream.range(0, 20).mapToObj(line::formatted).collect(Collectors.joining());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether the version can be used, or its report says where and why it cannot. */
    private static boolean isClear(String state, JsonNode report) {
        boolean trainable = report.path("trainable").asBoolean(false);
        List<JsonNode> issues = report.path("issues").valueStream().toList();
        boolean spoken = issues.stream()
                .noneMatch(issue -> issue.path("message").asString("").isBlank());
        return switch (state) {
            case "READY" -> trainable && spoken;
            case "INVALID" ->
                !trainable
                        && spoken
                        && issues.stream()
                                .filter(issue ->
                                        issue.path("severity").asString().equals("ERROR"))
                                .findAny()
                                .isPresent()
                        && issues.stream().anyMatch(issue -> isAboutAllRows(issue) || namesRowOrColumn(issue));
            default -> false;
        };
    }

    private static boolean isAboutAllRows(JsonNode issue) {
        return ABOUT_ALL_ROWS.contains(issue.path("code").asString());
    }

    private static boolean namesRowOrColumn(JsonNode issue) {
        return issue.path("examples")
                .valueStream()
                .anyMatch(place -> place.hasNonNull("row") || place.hasNonNull("column"));
    }

    /** @return how many stand in each list of the shop's, by its path */
    private static Map<String, Integer> counts() {
        Map<String, String> ids = Map.of("datasets", dataset, "products", product);
        return lists.stream()
                .map(operation -> operation.path(ids))
                .collect(Collectors.toMap(path -> path, path -> shop.list(path).size()));
    }

    /** @return what is unclear about a refusal; empty for a good one */
    private static List<String> complaints(Answer answer) {
        List<String> complaints = new ArrayList<>();
        if (answer.status() < 400 || answer.status() >= 500) {
            complaints.add("is no 4xx");
        }
        if (!answer.header("content-type").startsWith("application/problem+json")) {
            complaints.add("is no problem");
            return complaints;
        }
        if (!answer.json().path("type").asString("").startsWith("urn:espalier:problem:")
                || answer.json().path("title").asString("").isBlank()) {
            complaints.add("does not say what is wrong");
        }
        if (answer.status() == 422
                && (answer.fields().isEmpty() || answer.fields().stream().anyMatch(String::isBlank))) {
            complaints.add("names no field");
        }
        return complaints;
    }

    /** Two hundred trainings would be too much of a good thing. */
    private static void cancel(Good good, Answer answer) {
        if (good.list().equals("/api/training-jobs")) {
            shop.api().post("/api/training-jobs/" + answer.json().get("id").asString() + "/cancel", Map.of());
        }
    }

    private static Answer send(Api api, String method, String path, String body) {
        return api.send(method, path, BodyPublishers.ofString(body), "application/json");
    }

    private static String mutate(String body, Random random) {
        int at = random.nextInt(body.length());
        return switch (random.nextInt(6)) {
            case 0 -> body.substring(0, at);
            case 1 -> body.substring(0, at) + (char) (1 + random.nextInt(0x2fff)) + body.substring(at);
            case 2 -> body.substring(0, at) + body.substring(Math.min(body.length(), at + 1 + random.nextInt(5)));
            case 3 -> body.replace(": \"", ": {\"a\": \"");
            case 4 ->
                body.replaceFirst(
                        ": [^,}]+",
                        ": "
                                + List.of("null", "[]", "1e999", "-0", "\"\\\\ud800\"", "{}")
                                        .get(random.nextInt(6)));
            default -> body + body;
        };
    }

    /** Up to eight bytes changed, or a part cut out, or written twice. */
    private static byte[] mutate(byte[] file, Random random) {
        byte[] mutated = file.clone();
        for (int change = random.nextInt(8); change >= 0; change--) {
            int at = random.nextInt(mutated.length);
            mutated[at] = switch (random.nextInt(4)) {
                case 0 -> '"';
                case 1 -> ',';
                case 2 -> '\n';
                default -> (byte) random.nextInt(256);
            };
        }
        int from = random.nextInt(mutated.length);
        int to = from + random.nextInt(mutated.length - from);
        return switch (random.nextInt(3)) {
            case 0 -> mutated;
            case 1 -> joined(Arrays.copyOf(mutated, from + 1), Arrays.copyOfRange(mutated, to, mutated.length));
            default -> joined(Arrays.copyOf(mutated, to), Arrays.copyOfRange(mutated, from, mutated.length));
        };
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
