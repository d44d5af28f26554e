package io.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.route.RouteTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionIT {
    @TempDir
    Path data;

    private final PlayedWorker worker = new PlayedWorker("one");
    private final PlayedWorker second = new PlayedWorker("two");
    private PlayedControlPlane controlPlane;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        controlPlane = new PlayedControlPlane(Fixture.table(worker.listing(Fixture.BUNDLE)));
        gateway = Gateway.start(Fixture.settings(controlPlane.uri(), controlPlane.uri(), data));
        Fixture.await("the first prediction", () -> status(Fixture.predict(gateway.uri())) == 200);
        worker.received.clear();
    }

    @AfterEach
    void stop() {
        gateway.close();
        controlPlane.close();
        worker.close();
        second.close();
    }

    @Test
    void answersWithTheModelThatAnsweredAndTheCallersRequestId() throws Exception {
        var answer = Fixture.send(Fixture.predict(gateway.uri()).header("x-request-id", "order-7.a_b"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(PlayedWorker.ANSWER);
        assertThat(header(answer, "x-request-id")).isEqualTo("order-7.a_b");
        assertThat(header(answer, "x-model-version")).isEqualTo("3");
        assertThat(header(answer, "x-model-id")).isEqualTo(Fixture.MODEL.toString());
        assertThat(header(answer, "content-type")).isEqualTo("application/json");
        assertThat(answer.headers().firstValue("server")).isEmpty();
    }

    @Test
    void tellsTheWorkerOnlyWhatItNeeds() throws Exception {
        Fixture.send(Fixture.predict(gateway.uri())
                .header("cookie", "espalier_session=s")
                .header("x-model-version", "99")
                .header("x-request-id", "not sane!"));

        var received = worker.receivedAt("/internal/").getFirst();
        assertThat(received.target()).isEqualTo("/internal/bundles/" + Fixture.BUNDLE + "/predict");
        assertThat(received.header("authorization")).isEqualTo("Bearer " + Fixture.SERVICE_CREDENTIAL);
        assertThat(received.header("cookie")).isNull();
        assertThat(received.header("x-model-version")).isNull();
        assertThat(received.header("x-request-id")).matches("[0-9a-f-]{36}");
    }

    @Test
    void findsTheProductByIdToo() {
        int status = status(Fixture.predict(gateway.uri())
                .uri(gateway.uri().resolve("/v1/products/" + Fixture.PRODUCT + "/predict")));

        assertThat(status).isEqualTo(200);
    }

    @Test
    void refusesMissingAndUnknownKeys() throws Exception {
        var none = Fixture.send(HttpRequest.newBuilder(gateway.uri().resolve(Fixture.PREDICT))
                .POST(HttpRequest.BodyPublishers.ofString(Fixture.INPUT)));
        var unknown = Fixture.send(Fixture.predict(gateway.uri()).setHeader("authorization", "Bearer esp_live_guess"));
        var service = Fixture.send(
                Fixture.predict(gateway.uri()).setHeader("authorization", "Bearer " + Fixture.SERVICE_CREDENTIAL));

        assertThat(List.of(none.statusCode(), unknown.statusCode(), service.statusCode()))
                .containsOnly(401);
        assertThat(header(none, "www-authenticate")).startsWith("Bearer");
        assertThat(header(none, "content-type")).isEqualTo("application/problem+json");
        assertThat(header(none, "x-request-id")).isNotEmpty();
        assertThat(unknown.body())
                .isEqualTo(
                        "{\"type\":\"urn:espalier:problem:unauthenticated\",\"title\":\"Credentials are missing or not"
                                + " valid\",\"status\":401,\"detail\":\"This API key is not valid.\",\"requestId\":\""
                                + header(unknown, "x-request-id") + "\"}");
        assertThat(worker.predictions()).isZero();
    }

    @Test
    void answersForAnotherTenantsProductExactlyAsForAMissingOne() throws Exception {
        var foreign = Fixture.send(Fixture.predict(gateway.uri())
                .uri(gateway.uri().resolve("/v1/products/foreign/predict"))
                .header("x-request-id", "same"));
        var missing = Fixture.send(Fixture.predict(gateway.uri())
                .uri(gateway.uri().resolve("/v1/products/missing/predict"))
                .header("x-request-id", "same"));

        assertThat(foreign.statusCode()).isEqualTo(404);
        assertThat(foreign.body()).isEqualTo(missing.body());
        assertThat(status(Fixture.predict(gateway.uri())
                        .uri(gateway.uri().resolve("/v1/products/foreign/predict"))
                        .setHeader("authorization", "Bearer " + Fixture.OTHER_KEY)))
                .isEqualTo(200);
    }

    @Test
    void saysThatNothingIsDeployed() throws Exception {
        var answer = Fixture.send(
                Fixture.predict(gateway.uri()).uri(gateway.uri().resolve("/v1/products/not-deployed/predict")));

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).contains("urn:espalier:problem:no-deployment");
    }

    @Test
    void saysThatTheModelIsBeingLoaded() throws Exception {
        publish(Fixture.table(worker.listing("cd".repeat(32))));

        var answer = Fixture.send(Fixture.predict(gateway.uri()));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("urn:espalier:problem:model-not-ready");
        assertThat(header(answer, "retry-after")).isEqualTo("1");
    }

    @Test
    void holdsAKeyToItsRateAndSaysWhatIsLeft() throws Exception {
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(Fixture.send(
                    Fixture.predict(gateway.uri()).setHeader("authorization", "Bearer " + Fixture.SLOW_KEY)));
        }

        assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(200, 200, 429);
        assertThat(answers)
                .extracting(answer -> header(answer, "ratelimit-remaining"))
                .containsExactly("1", "0", "0");
        assertThat(header(answers.getFirst(), "ratelimit-limit")).isEqualTo("2");
        assertThat(Integer.parseInt(header(answers.getLast(), "retry-after"))).isBetween(1, 30);
        assertThat(answers.getLast().body()).contains("urn:espalier:problem:rate-limited");
    }

    @Test
    void forgetsARevokedKeyWithTheNextTable() throws Exception {
        RouteTable before = Fixture.table(worker.listing(Fixture.BUNDLE));
        controlPlane.publish(new RouteTable(before.version(), List.of(), before.products(), before.workers()));

        long start = System.nanoTime();
        Fixture.await("the key is refused", () -> status(Fixture.predict(gateway.uri())) == 401);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(5000);
    }

    @Test
    void sendsEachRequestToTheWorkerWithFewestInFlight() throws Exception {
        listBoth();
        CountDownLatch held = new CountDownLatch(1);
        worker.predict = exchange -> {
            held.await();
            TestServer.answer(exchange, 200, "application/json", "[]");
        };
        worker.received.clear();
        second.received.clear();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        while (worker.predictions() == 0) {
            answers.add(Fixture.HTTP.sendAsync(
                    Fixture.predict(gateway.uri()).build(), HttpResponse.BodyHandlers.ofString()));
            Thread.sleep(30);
        }

        long before = second.predictions();
        for (int i = 0; i < 20; i++) {
            assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
        }

        assertThat(worker.predictions()).isEqualTo(1);
        assertThat(second.predictions()).isEqualTo(before + 20);
        held.countDown();
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
    }

    @Test
    void asksAnotherWorkerWhenOneIsFullOrHasDroppedTheBundle() throws Exception {
        listBoth();
        for (int refusal : List.of(503, 409)) {
            worker.predict = exchange -> TestServer.answer(exchange, refusal, "application/problem+json", "{}");

            for (int i = 0; i < 20; i++) {
                assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
            }
        }
        assertThat(worker.predictions()).isPositive();
    }

    @Test
    void asksAnotherWorkerWhenOneDies() throws Exception {
        listBoth();
        worker.close();

        for (int i = 0; i < 20; i++) {
            assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
        }
    }

    @Test
    void asksAnotherWorkerWhenOneBreaksOff() throws Exception {
        listBoth();
        worker.predict = exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            throw new IOException("broken off");
        };

        for (int i = 0; i < 10; i++) {
            var answer = Fixture.send(Fixture.predict(gateway.uri()));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(PlayedWorker.ANSWER);
        }
        assertThat(worker.predictions()).isPositive();
    }

    @Test
    void passesOverAWorkerThatSaysItIsNotReady() throws Exception {
        listBoth();
        worker.ready = false;
        Fixture.await("it is seen", () -> metric("espalier_gateway_workers_up") == 1);
        worker.received.clear();

        for (int i = 0; i < 20; i++) {
            assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
        }

        assertThat(worker.predictions()).isZero();
        worker.ready = true;
        Fixture.await("it is back", () -> metric("espalier_gateway_workers_up") == 2);
    }

    @Test
    void keepsAWorkerOfWhichOneHealthCheckBreaks() throws Exception {
        worker.breaksChecks = true;
        Fixture.await("the check breaks", () -> !worker.breaksChecks);

        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700);
        while (System.nanoTime() < end) {
            assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
        }
    }

    @Test
    void asksAnotherWorkerWhenOneFailsAndThenLeavesItAlone() throws Exception {
        listBoth();
        worker.predict = exchange -> TestServer.answer(exchange, 500, "application/problem+json", "{}");
        worker.received.clear();

        for (int i = 0; i < 60; i++) {
            assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
        }

        assertThat(worker.predictions()).isEqualTo(5);
    }

    @Test
    void stillAsksTheOnlyWorkerThatFails() throws Exception {
        worker.predict = exchange -> TestServer.answer(exchange, 500, "application/problem+json", "{}");

        for (int i = 0; i < 10; i++) {
            assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(500);
        }

        assertThat(worker.predictions()).isEqualTo(10);
    }

    @Test
    void doesNotTryAgainForACallerThatLeft() throws Exception {
        listBoth();
        CountDownLatch held = new CountDownLatch(1);
        worker.predict = exchange -> held.await();
        second.predict = worker.predict;
        worker.received.clear();
        second.received.clear();

        try (Socket caller = new Socket("127.0.0.1", gateway.uri().getPort())) {
            String request = "POST " + Fixture.PREDICT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Fixture.KEY
                    + "\r\nContent-Length: " + Fixture.INPUT.length() + "\r\n\r\n" + Fixture.INPUT;
            caller.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            Fixture.await("it is sent", () -> worker.predictions() + second.predictions() == 1);
        }

        Fixture.await(
                "it is over",
                () -> scrape().contains("route=\"PREDICT\",status=\"0\"")
                        || scrape().contains("route=\"PREDICT\",status=\"503\""));
        assertThat(metric("espalier_gateway_prediction_retries_total")).isZero();
        held.countDown();
    }

    @Test
    void keepsAHealthyWorkerThatAFreshControlPlaneHasNotHeardYet() throws Exception {
        publish(Fixture.table());

        assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
    }

    @Test
    void passesTheOnlyWorkersRefusalOnWithItsRetryAfter() throws Exception {
        worker.predict = exchange -> {
            exchange.getResponseHeaders().set("retry-after", "7");
            TestServer.answer(exchange, 503, "application/problem+json", "{}");
        };

        var answer = Fixture.send(Fixture.predict(gateway.uri()));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().allValues("retry-after")).containsExactly("7");
        assertThat(answer.body()).contains("urn:espalier:problem:overloaded");
    }

    @Test
    void passesTheWorkersVerdictOnTheInputOn() throws Exception {
        String problem = "{\"type\":\"urn:espalier:problem:input-too-long\",\"status\":422}";
        worker.predict = exchange -> TestServer.answer(exchange, 422, "application/problem+json", problem);

        var answer = Fixture.send(Fixture.predict(gateway.uri()));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).isEqualTo(problem);
        assertThat(header(answer, "content-type")).isEqualTo("application/problem+json");
        assertThat(header(answer, "x-model-version")).isEqualTo("3");
    }

    @Test
    void givesUpOnASlowWorker() throws Exception {
        worker.predict = exchange -> Thread.sleep(10_000);

        var answer = Fixture.send(Fixture.predict(gateway.uri()));

        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("urn:espalier:problem:timeout");
        assertThat(worker.predictions()).isEqualTo(1);
    }

    @Test
    void sharesTrafficByWeightAmongVariantsThatAreReady() throws Exception {
        String candidate = "cd".repeat(32);
        publish(Fixture.table(
                Fixture.keys(),
                List.of(Fixture.variant(Fixture.BUNDLE, 3, 3), Fixture.variant(candidate, 4, 1)),
                worker.listing(Fixture.BUNDLE, candidate)));

        int answeredByCandidate = 0;
        for (int i = 0; i < 400; i++) {
            answeredByCandidate += header(Fixture.send(Fixture.predict(gateway.uri())), "x-model-version")
                            .equals("4")
                    ? 1
                    : 0;
        }
        // Binomial, n = 400, p = 1/4: five standard deviations.
        assertThat(answeredByCandidate).isBetween(57, 143);

        publish(Fixture.table(
                Fixture.keys(),
                List.of(Fixture.variant(Fixture.BUNDLE, 3, 3), Fixture.variant(candidate, 4, 1)),
                worker.listing(Fixture.BUNDLE)));
        for (int i = 0; i < 30; i++) {
            assertThat(header(Fixture.send(Fixture.predict(gateway.uri())), "x-model-version"))
                    .isEqualTo("3");
        }
    }

    @Test
    void refusesABodyOverTheLimit() throws Exception {
        byte[] large = new byte[(1 << 20) + 1];

        var answer = Fixture.send(Fixture.predict(gateway.uri()).POST(HttpRequest.BodyPublishers.ofByteArray(large)));
        var justFits = Fixture.send(
                Fixture.predict(gateway.uri()).POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1 << 20])));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("urn:espalier:problem:payload-too-large", "1048576");
        assertThat(header(answer, "x-request-id")).isNotEmpty();
        assertThat(justFits.statusCode()).isEqualTo(200);
    }

    @Test
    void givesTheRoomOfEveryBodyBack() {
        // Each counts as the largest body, as it does not say its length: together more than the budget.
        long requests = Runtime.getRuntime().maxMemory() / 4 / (1 << 20) + 20;
        byte[] input = Fixture.INPUT.getBytes(StandardCharsets.UTF_8);

        for (int i = 0; i < requests; i++) {
            assertThat(status(Fixture.predict(gateway.uri())
                            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(input)))))
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesAnEncodedBody() {
        assertThat(status(Fixture.predict(gateway.uri()).header("content-encoding", "gzip")))
                .isEqualTo(415);
    }

    @Test
    void doesNotWaitForABodyThatDoesNotCome() throws Exception {
        String answer = Fixture.raw(
                gateway.uri(),
                "POST " + Fixture.PREDICT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Fixture.KEY
                        + "\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{");

        assertThat(answer).startsWith("HTTP/1.1 400").contains("did not arrive in time");
    }

    @Test
    void closesAConnectionWhoseHeadersTrickleIn() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", gateway.uri().getPort())) {
            socket.setSoTimeout(500);
            long start = System.nanoTime();
            boolean closed = false;
            for (int i = 0; i < 40 && !closed; i++) {
                try {
                    socket.getOutputStream()
                            .write((i == 0 ? "GET / HTTP/1.1\r\nx" : "x").getBytes(StandardCharsets.US_ASCII));
                    closed = socket.getInputStream().read() < 0;
                } catch (SocketTimeoutException e) {
                    // Still open.
                } catch (IOException e) {
                    closed = true;
                }
            }

            assertThat(closed).isTrue();
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start))
                    .isLessThan(8);
        }
    }

    @Test
    void goesOnWithoutAControlPlaneEvenAfterARestart() throws Exception {
        controlPlane.close();
        assertThat(status(Fixture.predict(gateway.uri()))).isEqualTo(200);
        gateway.close();

        gateway = Gateway.start(Fixture.settings(controlPlane.uri(), controlPlane.uri(), data));

        Fixture.await("predictions go on", () -> status(Fixture.predict(gateway.uri())) == 200);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("route-table.json"))))
                .isEqualTo("rw-------");
        assertThat(Files.readString(data.resolve("route-table.json")))
                .doesNotContain(Fixture.KEY)
                .contains(Fixture.sha256(Fixture.KEY));
    }

    @Test
    void isNotReadyBeforeItKnowsAnyRoutes(@TempDir Path empty) throws Exception {
        controlPlane.close();

        try (Gateway fresh = Gateway.start(Fixture.settings(controlPlane.uri(), controlPlane.uri(), empty))) {
            assertThat(status(HttpRequest.newBuilder(fresh.uri().resolve("/health/ready"))))
                    .isEqualTo(503);
            assertThat(status(HttpRequest.newBuilder(fresh.uri().resolve("/health/live"))))
                    .isEqualTo(200);
            assertThat(status(Fixture.predict(fresh.uri()))).isEqualTo(503);
        }
    }

    @Test
    void measuresEveryRouteByStatus() throws Exception {
        Fixture.send(Fixture.predict(gateway.uri()));

        Fixture.await(
                "it is counted",
                () -> scrape().contains("espalier_gateway_requests_seconds_count{route=\"PREDICT\",status=\"200\"}"));
        assertThat(metric("espalier_gateway_control_plane_connected")).isEqualTo(1);
    }

    private void listBoth() throws Exception {
        publish(Fixture.table(worker.listing(Fixture.BUNDLE), second.listing(Fixture.BUNDLE)));
        Fixture.await("both are up", () -> metric("espalier_gateway_workers_up") == 2);
    }

    private void publish(RouteTable table) throws Exception {
        controlPlane.publish(table);
        Fixture.await("the table is in force", () -> metric("espalier_gateway_route_table_version") == table.version());
    }

    private double metric(String name) {
        return scrape().lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    private String scrape() {
        try {
            return Fixture.send(HttpRequest.newBuilder(gateway.adminUri().resolve("/metrics")))
                    .body();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int status(HttpRequest.Builder request) {
        try {
            return Fixture.send(request).statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
