package io.espalier.training.catalog;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A hub as Hugging Face's is seen from outside: over HTTPS, with a list of each revision's files, small files answered at once,
 * weights on another host that the hub sends on to.
 */
final class LocalHub implements AutoCloseable {
    static final String COMMIT = "86b5e0934494bd15c9632b12f734a8a67f723594";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PASSWORD = "password";

    private final HttpsServer hub;
    private final HttpsServer storage;
    private final SSLContext trust;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    /** Path and authorization of each request; of the storage's the path begins with {@code storage:}. */
    private final List<Map.Entry<String, String>> requests = new CopyOnWriteArrayList<>();

    private volatile String sentOnTo = "";
    private volatile boolean damaged;

    /** @param folder for the certificate */
    LocalHub(Path folder) throws IOException, GeneralSecurityException, InterruptedException {
        this.trust = certificate(folder);
        this.hub = server();
        this.storage = server();
        this.sentOnTo = "https://127.0.0.1:" + storage.getAddress().getPort();
        hub.createContext("/api/models/", this::revision);
        hub.createContext("/", this::file);
        storage.createContext("/", this::stored);
        hub.start();
        storage.start();
    }

    private static SSLContext certificate(Path folder)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path store = folder.resolve("hub.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "hub",
                        "-dname",
                        "CN=hub",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new AssertionError(said);
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        KeyStore certificates = KeyStore.getInstance(KeyStore.getDefaultType());
        certificates.load(null, null);
        certificates.setCertificateEntry("hub", keys.getCertificate("hub"));
        var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private HttpsServer server() throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(trust));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        return server;
    }

    ModelHub client(String token) {
        return new ModelHub(URI.create("https://127.0.0.1:" + hub.getAddress().getPort() + "/"), token, trust);
    }

    /** Adds every file of a folder to the one model, {@code acme/encoder}. */
    LocalHub with(Path folder) throws IOException {
        try (var listed = Files.list(folder)) {
            for (Path file : listed.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return this;
    }

    LocalHub with(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    LocalHub without(String name) {
        files.remove(name);
        return this;
    }

    /** Where weights are, instead of the storage that is there. */
    LocalHub sendingOnTo(String origin) {
        sentOnTo = origin;
        return this;
    }

    /** Whether the storage changes a byte. */
    LocalHub damaging(boolean weights) {
        damaged = weights;
        return this;
    }

    List<Map.Entry<String, String>> requests() {
        return requests;
    }

    private void note(String prefix, HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(
                Map.entry(prefix + exchange.getRequestURI().getRawPath(), authorization == null ? "" : authorization));
    }

    private void revision(HttpExchange exchange) throws IOException {
        note("", exchange);
        if (!exchange.getRequestURI().getRawPath().equals("/api/models/acme/encoder/revision/refs%2Fpr%2F1")) {
            answer(exchange, 404, "{\"error\":\"Repository not found\"}".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        ObjectNode list = JSON.createObjectNode().put("sha", COMMIT);
        var siblings = list.putArray("siblings");
        files.forEach((name, content) -> {
            ObjectNode file = siblings.addObject().put("rfilename", name).put("size", content.length);
            if (name.endsWith(".safetensors")) {
                file.putObject("lfs").put("sha256", sha256(content)).put("size", content.length);
            }
        });
        answer(exchange, 200, JSON.writeValueAsBytes(list));
    }

    private void file(HttpExchange exchange) throws IOException {
        note("", exchange);
        String prefix = "/acme/encoder/resolve/" + COMMIT + "/";
        String path = exchange.getRequestURI().getRawPath();
        byte[] content = path.startsWith(prefix) ? files.get(path.substring(prefix.length())) : null;
        if (content == null) {
            answer(exchange, 404, new byte[0]);
        } else if (path.endsWith(".safetensors")) {
            exchange.getResponseHeaders().set("Location", sentOnTo + path.substring(prefix.length() - 1));
            // Longer than the file itself.
            answer(exchange, 302, new byte[1 << 20]);
        } else {
            answer(exchange, 200, content);
        }
    }

    private void stored(HttpExchange exchange) throws IOException {
        note("storage:", exchange);
        byte[] content =
                files.get(exchange.getRequestURI().getRawPath().substring(1)).clone();
        if (damaged) {
            content[content.length / 2]++;
        }
        answer(exchange, 200, content);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }
}
