package io.espalier.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The public origin as one caller sees it: with the cookies of a browser, or with a bearer credential. Not thread-safe
 * in what it remembers, which is cookies only.
 */
final class Api {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI origin;
    private final String bearer;
    private final CookieManager cookies = new CookieManager();
    private final HttpClient http;

    private Api(URI origin, String bearer) {
        this.origin = origin;
        this.bearer = bearer;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .cookieHandler(cookies)
                .build();
    }

    static Api anonymous(URI origin) {
        return new Api(origin, "");
    }

    static Api withBearer(URI origin, String credential) {
        return new Api(origin, credential);
    }

    static Api loggedIn(URI origin, String email, String password) {
        Api api = anonymous(origin);
        api.post("/api/session", Map.of("email", email, "password", password)).expect(200);
        api.get("/api/session").expect(200);
        return api;
    }

    Answer get(String path) {
        return send("GET", path, BodyPublishers.noBody(), "application/json");
    }

    Answer delete(String path) {
        return send("DELETE", path, BodyPublishers.noBody(), "application/json");
    }

    Answer post(String path, Object body) {
        return send("POST", path, BodyPublishers.ofString(JSON.writeValueAsString(body)), "application/json");
    }

    Answer put(String path, Object body) {
        return send("PUT", path, BodyPublishers.ofString(JSON.writeValueAsString(body)), "application/json");
    }

    /** Sends the bytes as they are. */
    Answer upload(String path, byte[] body) {
        return send("PUT", path, BodyPublishers.ofByteArray(body), "application/octet-stream");
    }

    Answer send(String method, String path, HttpRequest.BodyPublisher body, String contentType) {
        HttpRequest.Builder request = HttpRequest.newBuilder(origin.resolve(path))
                .timeout(Duration.ofMinutes(2))
                .header("content-type", contentType)
                .method(method, body);
        if (!bearer.isEmpty()) {
            request.header("authorization", "Bearer " + bearer);
        }
        cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("XSRF-TOKEN"))
                .map(HttpCookie::getValue)
                .findFirst()
                .ifPresent(token -> request.header("X-XSRF-TOKEN", token));
        try {
            HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(method + " " + path, response);
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Asks again every half second until the answer is as wanted. */
    Answer await(String path, Duration atMost, Predicate<JsonNode> wanted) {
        Instant end = Instant.now().plus(atMost);
        while (true) {
            String last;
            try {
                Answer answer = get(path);
                if (answer.status() == 200 && wanted.test(answer.json())) {
                    return answer;
                }
                last = answer.status() + " " + answer.body();
            } catch (UncheckedIOException e) {
                last = e.toString();
            }
            if (Instant.now().isAfter(end)) {
                throw new AssertionError(path + " did not become as wanted within " + atMost + "; it is " + last);
            }
            pause(Duration.ofMillis(500));
        }
    }

    /** Posts until the status is as wanted: what reaches the gateway takes up to five seconds. */
    Answer awaitStatus(String path, Object body, int status) {
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        Answer answer = post(path, body);
        while (answer.status() != status && Instant.now().isBefore(end)) {
            pause(Duration.ofMillis(200));
            answer = post(path, body);
        }
        return answer.expect(status);
    }

    /** Waits until it holds. A server that cannot be reached may be starting, so that is no answer yet. */
    static void until(String what, Duration atMost, BooleanSupplier holds) {
        Instant end = Instant.now().plus(atMost);
        while (true) {
            String last = "";
            try {
                if (holds.getAsBoolean()) {
                    return;
                }
            } catch (UncheckedIOException e) {
                last = ": " + e;
            }
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("Not within " + atMost + ": " + what + last);
            }
            pause(Duration.ofMillis(100));
        }
    }

    static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What came back. */
    record Answer(String request, HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        byte[] bytes() {
            return response.body();
        }

        String body() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return JSON.readTree(bytes());
        }

        /** The body without the one thing that differs from request to request. */
        String withoutRequestId() {
            return body().replaceAll("\"requestId\":\"[^\"]*\"", "");
        }

        /** @return the fields that a problem names */
        List<String> fields() {
            return json().path("errors")
                    .valueStream()
                    .map(error -> error.path("field").asString())
                    .toList();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** @throws AssertionError with the whole answer, if the status is another */
        Answer expect(int status) {
            if (status() != status) {
                throw new AssertionError(request + " answered " + status() + " and not " + status + ": " + body());
            }
            return this;
        }
    }
}
