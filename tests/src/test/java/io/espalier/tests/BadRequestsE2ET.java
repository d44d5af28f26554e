package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.espalier.tests.Api.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever a caller sends, the answer says in plain words what is wrong with it, and nothing is left half-written. */
@ExtendWith(SharedInstallation.class)
class BadRequestsE2ET {
    private static Shop shop;
    private static String dataset;
    private static String product;

    /**
     * @param body sent as it is
     * @param named what the detail or the errors must mention; empty where there is nothing to name
     */
    private record Case(String name, String method, String path, String body, int status, String named) {}

    @BeforeAll
    static void openAShop(Installation installation) {
        shop = Shop.open(installation.origin(), installation.operatorCredential());
        dataset = shop.dataset("text-classification");
        product = shop.product("text-classification").get("id").asString();
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
                        ""),
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
                    Answer answer = shop.api()
                            .send(bad.method(), bad.path(), BodyPublishers.ofString(bad.body()), "application/json");

                    assertThat(answer.status()).as(answer.body()).isEqualTo(bad.status());
                    assertThat(answer.header("content-type")).startsWith("application/problem+json");
                    assertThat(answer.json().get("type").asString()).startsWith("urn:espalier:problem:");
                    assertThat(answer.header("x-request-id")).isNotBlank();
                    assertThat(answer.body()).contains(bad.named());
                }));
    }

    @Test
    void neverAnswersAMutatedRequestWithAServerError() {
        Random random = new Random(20_261_123);
        List<Case> cases = cases();
        List<String> failures = new ArrayList<>();

        for (int round = 0; round < 300; round++) {
            Case good = cases.get(random.nextInt(cases.size()));
            if (good.body().length() < 3 || good.path().startsWith("/api/session")) {
                continue;
            }
            String body = mutate(good.body(), random);
            Answer answer =
                    shop.api().send(good.method(), good.path(), BodyPublishers.ofString(body), "application/json");
            if (answer.status() >= 500) {
                failures.add(good.path() + " " + body + " -> " + answer.status() + " " + answer.body());
            }
        }

        assertThat(failures).isEmpty();
    }

    private static String mutate(String body, Random random) {
        int at = random.nextInt(body.length());
        return switch (random.nextInt(6)) {
            case 0 -> body.substring(0, at);
            case 1 -> body.substring(0, at) + (char) (1 + random.nextInt(0x2fff)) + body.substring(at);
            case 2 -> body.substring(0, at) + body.substring(Math.min(body.length(), at + 1 + random.nextInt(5)));
            case 3 -> body.replace(":\"", ":{\"a\":\"");
            case 4 ->
                body.replaceFirst(
                        ":[^,}]+",
                        ":"
                                + List.of("null", "[]", "1e999", "-0", "\"\\ud800\"", "{}")
                                        .get(random.nextInt(6)));
            default -> body + body;
        };
    }
}
