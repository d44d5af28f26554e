package io.espalier.training.catalog;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.job.BaseModelFile;
import io.espalier.contracts.job.ImportSpec.HubModel;
import io.espalier.contracts.process.Settings;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A hub of models that speaks Hugging Face's protocol: a list of a revision's files, and each file, which the hub may send for to
 * another host. What it gives is checked against the sizes and hashes of the list. Thread-safe.
 */
public final class ModelHub implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    /** Of one file, the largest over a slow line. */
    private static final Duration FILE_TIMEOUT = Duration.ofHours(1);

    /** Without a byte. */
    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(1);

    private static final long LONGEST_LIST = 10L << 20;
    private static final int MOST_REDIRECTS = 5;

    private final URI address;
    private final @Nullable String token;
    private final HttpClient client;

    /** @param trust null for the authorities that Java knows */
    public ModelHub(URI address, @Nullable String token, @Nullable SSLContext trust) {
        if (token != null && !"https".equals(address.getScheme())) {
            throw new IllegalStateException("A token is sent over HTTPS alone, not to " + address);
        }
        this.address = address;
        this.token = token;
        // Redirects are followed here: the token is for the hub alone.
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).followRedirects(HttpClient.Redirect.NEVER);
        if (trust != null) {
            builder.sslContext(trust);
        }
        this.client = builder.build();
    }

    /** The installation's; null where it has none. */
    public static @Nullable ModelHub of(Settings settings) {
        String url = settings.optional(Settings.HUB_URL);
        return url == null ? null : new ModelHub(URI.create(url), settings.optional(Settings.HUB_TOKEN), null);
    }

    /**
     * Downloads the files that an import reads, whichever of them the model has.
     *
     * @param check throws when the download should end
     * @return the commit that they are of
     * @throws ImportRefusedException if there is no such model, or nothing in it to import
     * @throws IOException if the hub cannot be reached or gives something else than it says; trying again may help
     */
    public String download(HubModel model, Path folder, Runnable check) throws IOException {
        Path list = folder.resolve("revision.json");
        get(
                "/api/models/" + model.repository() + "/revision/" + encoded(model.revision()) + "?blobs=true",
                list,
                LONGEST_LIST,
                check,
                "There is no model %s at revision %s on the hub that this installation may read."
                        .formatted(model.repository(), model.revision()));
        JsonNode revision = revision(list);
        Files.delete(list);
        String commit = revision.path("sha").asString("");
        List<HubFile> files = wanted(model, revision);
        for (HubFile file : files) {
            Path to = folder.resolve(file.name.fileName());
            get(
                    "/" + model.repository() + "/resolve/" + encoded(commit) + "/" + file.name.fileName(),
                    to,
                    file.bytes,
                    check,
                    "The hub does not let this installation read %s of %s."
                            .formatted(file.name.fileName(), model.repository()));
            verify(file, to);
        }
        return commit;
    }

    /**
     * @param bytes at most
     * @param sha256 null where the hub does not say it: of small files
     */
    private record HubFile(
            BaseModelFile name, long bytes, @Nullable String sha256) {}

    private static JsonNode revision(Path list) throws IOException {
        try {
            return JSON.readTree(Files.readAllBytes(list));
        } catch (JacksonException e) {
            throw new IOException("The hub's list of files is not JSON", e);
        }
    }

    private static List<HubFile> wanted(HubModel model, JsonNode revision) {
        List<HubFile> wanted = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (JsonNode sibling : revision.path("siblings")) {
            BaseModelFile name =
                    BaseModelFile.find(sibling.path("rfilename").asString("")).orElse(null);
            if (name == null) {
                continue;
            }
            long bytes = sibling.path("size").asLong(name.limit());
            if (bytes > name.limit()) {
                problems.add("The file %s of %s has %,d bytes; up to %,d are imported."
                        .formatted(name.fileName(), model.repository(), bytes, name.limit()));
            }
            wanted.add(
                    new HubFile(name, bytes, sibling.path("lfs").path("sha256").asString(null)));
        }
        if (wanted.stream().noneMatch(file -> file.name == BaseModelFile.WEIGHTS)) {
            problems.add("%s has no %s on the hub; nothing else is read: pickles could run any program."
                    .formatted(model.repository(), BaseModelFile.WEIGHTS.fileName()));
        }
        if (!problems.isEmpty()) {
            throw new ImportRefusedException(problems);
        }
        return wanted;
    }

    private static void verify(HubFile file, Path downloaded) throws IOException {
        if (file.sha256 != null && !file.sha256.equals(Sha256.of(downloaded))) {
            throw new IOException("The hub gave another %s than it lists".formatted(file.name.fileName()));
        }
    }

    private void get(String path, Path to, long limit, Runnable check, String refusal) throws IOException {
        URI uri = URI.create(address.toString().replaceAll("/+$", "") + path);
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpResponse<Path> response = send(uri, to, limit, check);
            int status = response.statusCode();
            if (status == 200) {
                return;
            }
            if (redirects == 0 && (status == 401 && token == null || status == 403 || status == 404)) {
                throw new ImportRefusedException(refusal);
            }
            String location = response.headers().firstValue("Location").orElse(null);
            if (status / 100 != 3 || location == null) {
                throw new IOException("The hub answers %s with %d".formatted(uri.getPath(), status));
            }
            URI next;
            try {
                next = uri.resolve(location);
            } catch (IllegalArgumentException e) {
                throw new IOException("The hub sends on to nowhere for " + path, e);
            }
            if (!"https".equals(next.getScheme()) && !address.getScheme().equals(next.getScheme())) {
                throw new IOException("The hub sends on to %s, which is not HTTPS".formatted(next.getHost()));
            }
            uri = next;
        }
        throw new IOException("The hub sends on %d times for %s".formatted(MOST_REDIRECTS, path));
    }

    /** What is said of a redirection or a refusal is not kept: only its status counts. */
    private static BodyHandler<Path> fileOf(Path to, long limit) {
        return response -> response.statusCode() == 200
                ? BodySubscribers.limiting(BodySubscribers.ofFile(to), limit)
                : BodySubscribers.replacing(to);
    }

    private HttpResponse<Path> send(URI uri, Path to, long limit, Runnable check) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT);
        if (token != null && uri.getAuthority().equals(address.getAuthority())) {
            request.header("Authorization", "Bearer " + token);
        }
        var answer = client.sendAsync(request.build(), fileOf(to, limit));
        long end = System.nanoTime() + FILE_TIMEOUT.toNanos();
        long arrived = 0;
        long stalled = System.nanoTime() + STALL_TIMEOUT.toNanos();
        try {
            while (System.nanoTime() < Math.min(end, stalled)) {
                check.run();
                try {
                    return answer.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException _) {
                    long bytes = Files.exists(to) ? Files.size(to) : 0;
                    if (bytes > arrived) {
                        arrived = bytes;
                        stalled = System.nanoTime() + STALL_TIMEOUT.toNanos();
                    }
                }
            }
            throw new IOException("The hub takes too long for " + uri.getPath());
        } catch (ExecutionException e) {
            throw new IOException("The hub could not be read: " + uri.getPath(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while the hub was read");
        } finally {
            answer.cancel(true);
        }
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
