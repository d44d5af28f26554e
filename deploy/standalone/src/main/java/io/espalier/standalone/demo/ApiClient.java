package io.espalier.standalone.demo;

import io.espalier.contracts.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The public REST API as a browser uses it: a session cookie and a CSRF token. What fails because a server is just being
 * restarted is tried again where that is safe. Not thread-safe.
 */
final class ApiClient implements AutoCloseable {
    private static final Set<Integer> TRANSIENT = Set.of(429, 502, 503, 504);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration REQUEST_LIMIT = Duration.ofMinutes(10);

    private final JsonMapper json = JsonMapper.builder().build();
    private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .cookieHandler(cookies)
            .build();
    private final String baseUrl;

    ApiClient(String baseUrl) {
        this.baseUrl = baseUrl;
    }

    /** An answer of any status. */
    record Answer(int status, JsonNode body) {
        boolean isSuccess() {
            return status / 100 == 2;
        }
    }

    JsonNode get(String path) throws InterruptedException {
        return demand("GET", path, null, null);
    }

    JsonNode post(String path, Object body) throws InterruptedException {
        return demand("POST", path, body, null);
    }

    JsonNode put(String path, Object body) throws InterruptedException {
        return demand("PUT", path, body, null);
    }

    /** With a bearer credential instead of the session. */
    JsonNode get(String path, @Nullable String credential) throws InterruptedException {
        return demand("GET", path, null, credential);
    }

    JsonNode post(String path, Object body, String credential) throws InterruptedException {
        return demand("POST", path, body, credential);
    }

    /** Whatever the answer is, without trying again. */
    Answer attempt(String method, String path, @Nullable Object body, @Nullable String credential)
            throws InterruptedException {
        BodyPublisher publisher =
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(json.writeValueAsBytes(body));
        return send(request(method, path, credential)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build());
    }

    /** Streams a file as the body. */
    void upload(String path, DemoFiles.Part file) throws InterruptedException {
        HttpRequest request = request("PUT", path, null)
                .header("Content-Type", "application/octet-stream")
                .PUT(file.content().get())
                .build();
        require("PUT", path, send(request));
    }

    /** Opens a stream of server-sent events, from after the given event if there is one. The caller closes it. */
    InputStream events(String path, @Nullable String lastEventId) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(baseUrl + path)).header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            response.body().close();
            throw new IOException("The events answered " + response.statusCode());
        }
        return response.body();
    }

    JsonMapper json() {
        return json;
    }

    private JsonNode demand(String method, String path, @Nullable Object body, @Nullable String credential)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Answer answer = attempt(method, path, body, credential);
            boolean safe = !method.equals("POST") || answer.status() == 0 || answer.status() == 429;
            boolean passing = answer.status() <= 0 || TRANSIENT.contains(answer.status());
            if (!passing || !safe || System.nanoTime() > deadline) {
                return require(method, path, answer);
            }
            Thread.sleep(500);
        }
    }

    private HttpRequest.Builder request(String method, String path, @Nullable String credential) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(REQUEST_LIMIT);
        if (credential != null) {
            request.header("Authorization", "Bearer " + credential);
        }
        if (!method.equals("GET")) {
            cookies.getCookieStore().getCookies().stream()
                    .filter(cookie -> cookie.getName().equals("XSRF-TOKEN"))
                    .map(HttpCookie::getValue)
                    .findFirst()
                    .ifPresent(token -> request.header("X-XSRF-TOKEN", token));
        }
        return request;
    }

    /** @return status 0 where no connection came about, and -1 where it broke */
    private Answer send(HttpRequest request) throws InterruptedException {
        try {
            HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
            // Meant for TLS where the public origin has it; the gateway itself, on this machine, does not.
            cookies.getCookieStore().getCookies().forEach(cookie -> cookie.setSecure(false));
            return new Answer(response.statusCode(), parse(response.body()));
        } catch (ConnectException e) {
            return new Answer(0, json.valueToTree(Map.of("detail", "Nothing listens at " + baseUrl)));
        } catch (IOException e) {
            return new Answer(-1, json.valueToTree(Map.of("detail", "The connection broke: " + e.getMessage())));
        }
    }

    private JsonNode parse(byte[] body) {
        try {
            return body.length == 0 ? json.nullNode() : json.readTree(body);
        } catch (JacksonException _) {
            // A plain page, from whatever stands between.
            return json.nullNode();
        }
    }

    private JsonNode require(String method, String path, Answer answer) {
        if (answer.isSuccess()) {
            return answer.body();
        }
        throw new DemoFailedException(method + " " + path + " answered " + answer.status() + describe(answer.body()));
    }

    /** The problem of an error answer ({@link Problem}), in one line. */
    private static String describe(JsonNode problem) {
        StringBuilder text = new StringBuilder();
        for (String field : new String[] {"title", "detail"}) {
            String value = problem.path(field).asString("");
            if (!value.isEmpty()) {
                text.append(": ").append(value);
            }
        }
        for (JsonNode error : problem.path("errors")) {
            text.append("; ")
                    .append(error.path("field").asString(""))
                    .append(' ')
                    .append(error.path("message").asString(""));
        }
        return text.toString();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /** Walks the pages of a list. @return null where nothing is as wanted */
    @Nullable
    JsonNode find(String path, Predicate<JsonNode> wanted) throws InterruptedException {
        return find(path, null, wanted);
    }

    /** @param credential null for the session */
    @Nullable
    JsonNode find(String path, @Nullable String credential, Predicate<JsonNode> wanted) throws InterruptedException {
        String cursor = "";
        while (true) {
            JsonNode page = get(path + "?limit=100" + (cursor.isEmpty() ? "" : "&cursor=" + cursor), credential);
            JsonNode found =
                    page.path("items").valueStream().filter(wanted).findFirst().orElse(null);
            cursor = page.path("nextCursor").asString("");
            if (found != null || cursor.isEmpty()) {
                return found;
            }
        }
    }
}
