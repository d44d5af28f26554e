package io.espalier.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The real Temporal development server and the real MinIO server, built from source where Go is on the machine and kept
 * outside the checkout, in {@code ~/.cache/espalier/servers}. The first build takes some minutes.
 */
final class RealServers {
    private static final String TEMPORAL = "github.com/temporalio/cli/cmd/temporal@v1.5.1";
    private static final String MINIO = "github.com/minio/minio";
    private static final String MINIO_VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c";
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(30);

    private RealServers() {}

    /** Skips the calling test, and says so, where the servers cannot be built. */
    static void assumeBuildable() {
        assumeTrue(
                Files.isExecutable(folder().resolve("minio")) && Files.isExecutable(folder().resolve("temporal"))
                        || onPath("go"),
                "Skipped: the real Temporal and MinIO servers are built with Go, which is not on this machine.");
    }

    /** @return the folder with the program {@code temporal}, to be put in front of the PATH */
    static Path temporalFolder() {
        build(
                "temporal",
                folder -> run(folder, Map.of("GOBIN", folder.toString()), List.of("go", "install", TEMPORAL)));
        return folder();
    }

    private static Path minioProgram() {
        return build("minio", folder -> {
            Path module = Files.createDirectories(folder.resolve("minio-module"));
            Files.writeString(module.resolve("go.mod"), "module espalier.io/minio\n\ngo 1.24\n");
            Files.writeString(
                    module.resolve("server.go"), "//go:build tools\n\npackage server\n\nimport _ \"" + MINIO + "\"\n");
            run(module, Map.of(), List.of("go", "get", MINIO + "@" + MINIO_VERSION));
            run(
                    module,
                    Map.of(),
                    List.of("go", "build", "-o", folder.resolve("minio").toString(), MINIO));
        });
    }

    /** MinIO on the loopback address. A killed one is started again on the same data and port. */
    static final class Minio implements AutoCloseable {
        private final Path data;
        private final int port = Installation.freePort();
        private Process process;

        Minio(Path data) {
            this.data = data;
            this.process = launch();
        }

        /** What a launcher needs to know to use this store instead of its own. */
        Map<String, String> environment() {
            return Map.of(
                    "ESPALIER_S3_ENDPOINT",
                    "http://127.0.0.1:" + port,
                    "ESPALIER_S3_ACCESS_KEY",
                    "espalier-tests",
                    "ESPALIER_S3_SECRET_KEY",
                    "only-for-this-test-run");
        }

        void killAndRestart() {
            process.destroyForcibly().onExit().join();
            process = launch();
        }

        private Process launch() {
            try {
                Files.createDirectories(data);
                ProcessBuilder builder = new ProcessBuilder(
                                minioProgram().toString(),
                                "server",
                                "--quiet",
                                "--address",
                                "127.0.0.1:" + port,
                                "--console-address",
                                "127.0.0.1:" + Installation.freePort(),
                                data.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                data.resolveSibling("minio.log").toFile()));
                builder.environment().put("MINIO_ROOT_USER", "espalier-tests");
                builder.environment().put("MINIO_ROOT_PASSWORD", "only-for-this-test-run");
                Process started = builder.start();
                awaitLive();
                return started;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void awaitLive() {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/minio/health/live"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                for (int attempt = 0; attempt < 150; attempt++) {
                    try {
                        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                            return;
                        }
                    } catch (IOException _) {
                        // It does not listen yet.
                    }
                    Api.pause(Duration.ofMillis(200));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new AssertionError("MinIO did not start; see " + data.resolveSibling("minio.log"));
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    private interface Build {
        void run(Path folder) throws IOException, InterruptedException;
    }

    private static Path build(String program, Build build) {
        Path file = folder().resolve(program);
        try {
            Files.createDirectories(folder());
            // Two test runs on one machine build once.
            try (FileChannel channel = FileChannel.open(
                            folder().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (!Files.isExecutable(file)) {
                    build.run(folder());
                }
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path log = folder().resolve("build.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(BUILD_LIMIT.toMinutes(), TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + " failed:\n" + Files.readString(log));
        }
    }

    private static Path folder() {
        return Path.of(System.getProperty("user.home"), ".cache", "espalier", "servers");
    }

    private static boolean onPath(String program) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
