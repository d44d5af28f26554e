package io.espalier.gateway;

import io.espalier.contracts.route.RouteTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Tenants, keys, products and tables, and how to ask a gateway. */
final class Fixture {
    static final String SERVICE_CREDENTIAL = "the-service-credential";
    static final UUID TENANT = UUID.fromString("01890000-0000-7000-8000-000000000001");
    static final UUID OTHER_TENANT = UUID.fromString("01890000-0000-7000-8000-000000000002");
    static final UUID PRODUCT = UUID.fromString("01890000-0000-7000-8000-000000000003");
    static final UUID MODEL = UUID.fromString("01890000-0000-7000-8000-000000000004");
    static final String KEY = "esp_live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static final String OTHER_KEY = "esp_live_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    static final String SLOW_KEY = "esp_live_ccccccccccccccccccccccccccccccccccccccccccc";
    static final String BUNDLE = "ab".repeat(32);
    static final String PREDICT = "/v1/products/intents/predict";
    static final String INPUT = "{\"inputs\":\"where is my money\"}";
    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final AtomicLong VERSION = new AtomicLong();

    private Fixture() {}

    static RouteTable table(RouteTable.Worker... workers) {
        return table(keys(), List.of(variant(BUNDLE, 3, 1)), workers);
    }

    static RouteTable table(
            List<RouteTable.ApiKey> keys, List<RouteTable.Variant> variants, RouteTable.Worker... workers) {
        return new RouteTable(
                VERSION.incrementAndGet(),
                keys,
                List.of(
                        new RouteTable.Product(TENANT, PRODUCT, "intents", "text-classification", variants),
                        new RouteTable.Product(
                                TENANT, UUID.randomUUID(), "not-deployed", "text-classification", List.of()),
                        new RouteTable.Product(
                                OTHER_TENANT, UUID.randomUUID(), "foreign", "text-classification", variants)),
                List.of(workers));
    }

    static List<RouteTable.ApiKey> keys() {
        return List.of(
                new RouteTable.ApiKey(sha256(KEY), TENANT, UUID.randomUUID(), 100_000),
                new RouteTable.ApiKey(sha256(OTHER_KEY), OTHER_TENANT, UUID.randomUUID(), 100_000),
                new RouteTable.ApiKey(sha256(SLOW_KEY), TENANT, UUID.randomUUID(), 2));
    }

    static RouteTable.Variant variant(String bundle, int version, int weight) {
        return new RouteTable.Variant(MODEL, version, new RouteTable.Bundle(bundle, "bundles/x.zip", 1), weight);
    }

    static GatewaySettings settings(URI controlPlane, URI objectStore, Path data) {
        return new GatewaySettings(
                "127.0.0.1",
                0,
                "127.0.0.1",
                0,
                null,
                controlPlane,
                SERVICE_CREDENTIAL,
                objectStore,
                data,
                256,
                1 << 20,
                Duration.ofMillis(1500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5));
    }

    static HttpRequest.Builder predict(URI gateway) {
        return HttpRequest.newBuilder(gateway.resolve(PREDICT))
                .timeout(Duration.ofSeconds(20))
                .header("authorization", "Bearer " + KEY)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(INPUT));
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends these bytes, reads until the server closes. For what no client would send. */
    static String raw(URI server, String request) {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Still not so: " + what);
            }
            Thread.sleep(20);
        }
    }

    static String sha256(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
