package io.espalier.tests;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.ObjectStoreSettings;
import io.espalier.contracts.process.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A whole installation under a launcher of its own, with a data directory of its own, on ports that were free. What it
 * prints goes to {@code launcher.out} in the data directory, and the logs of its processes to {@code logs}.
 */
final class Installation implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(4);
    private static final Path HOME = Path.of("").toAbsolutePath().getParent();
    // Below what operating systems hand out for outgoing connections: a port must be free still when its server
    // restarts.
    private static final int FIRST_PORT = 20_000;
    private static final int LAST_PORT = 32_000;

    /** Class archives of an installation that has stopped: the next ones start in half the time, also after a kill. */
    private static final Path ARCHIVES = folder("class-archives");

    private final Path data;
    private final int port;
    private final Map<String, String> environment;
    private Process launcher;

    private Installation(Path data, int port, Map<String, String> environment, Process launcher) {
        this.data = data;
        this.port = port;
        this.environment = environment;
        this.launcher = launcher;
    }

    /** Starts one in an empty data directory and waits until every process has been ready. */
    static Installation start(String name, String... options) {
        return start(name, Map.of(), options);
    }

    /** @param environment added to the test's own, for example the address of another server */
    static Installation start(String name, Map<String, String> environment, String... options) {
        Path data = folder(name);
        FileTrees.discard(data);
        return startOn(data, environment, options);
    }

    /** Starts one on the data of another, which has stopped. */
    static Installation startOn(Path data) {
        return startOn(data, Map.of());
    }

    private static Installation startOn(Path data, Map<String, String> environment, String... options) {
        int port = freePort();
        copyArchives(ARCHIVES, data.resolve("run"));
        Installation installation = new Installation(data, port, environment, launch(data, port, environment, options));
        installation.awaitReady();
        return installation;
    }

    /** @return where the installation of this name keeps its data */
    static Path folder(String name) {
        return Path.of("target", "installations", name).toAbsolutePath();
    }

    URI origin() {
        return URI.create("http://127.0.0.1:" + port);
    }

    Path data() {
        return data;
    }

    Process launcher() {
        return launcher;
    }

    String operatorCredential() {
        return secret("operator-credential");
    }

    String secret(String name) {
        try {
            return Files.readString(data.resolve("secrets").resolve(name)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the object store that it uses, to be closed by the caller */
    ObjectStore objectStore() {
        String endpoint = environment.get("ESPALIER_S3_ENDPOINT");
        ObjectStoreSettings settings = endpoint == null
                ? storeAt("http://127.0.0.1:" + internalPort("s3"), secret("s3-access-key"), secret("s3-secret-key"))
                : storeAt(
                        endpoint, environment.get("ESPALIER_S3_ACCESS_KEY"), environment.get("ESPALIER_S3_SECRET_KEY"));
        return new ObjectStore(settings);
    }

    private static ObjectStoreSettings storeAt(String endpoint, String accessKey, String secretKey) {
        return new ObjectStoreSettings(URI.create(endpoint), accessKey, secretKey, "espalier", "us-east-1");
    }

    /** @param name as in {@code ports.properties} */
    int internalPort(String name) {
        return internalPorts().get(name);
    }

    /** @return all of {@code ports.properties} */
    Map<String, Integer> internalPorts() {
        Properties ports = new Properties();
        try (var in = Files.newBufferedReader(data.resolve("ports.properties"))) {
            ports.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ports.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, name -> Integer.valueOf(ports.getProperty(name))));
    }

    /**
     * Ends processes by {@code kill -9}. The supervisor starts again what was its own; a killed launcher is started again
     * here.
     *
     * @param victim a process as its pid file calls it; {@code postgres} for the postmaster itself, {@code temporal-server}
     *     for the Temporal program where that is used, {@code trial} for what the training worker has started, {@code
     *     launcher}
     * @return whether there was something to kill; a trial is there only while a job trains
     */
    boolean kill(String victim) {
        return switch (victim) {
            case "launcher" -> {
                launcher.destroyForcibly().onExit().join();
                restart();
                yield true;
            }
            case "postgres" -> kill(processOf(data.resolve("postgresql/postgresql-server.pid")));
            case "temporal-server" -> kill(processOf(data.resolve("temporal/temporal-server.pid")));
            case "trial" ->
                processOf(pidFile("training-worker"))
                                .descendants()
                                .filter(Installation::kill)
                                .count()
                        > 0;
            default -> kill(processOf(pidFile(victim)));
        };
    }

    /** Starts a launcher again on the same data and port, and waits until every process has been ready. */
    void restart(String... options) {
        launcher = launch(data, port, environment, options);
        awaitReady();
    }

    /** Stops the launcher as Ctrl-C does, and waits for it. */
    void stop() {
        launcher.toHandle().destroy();
        try {
            if (!launcher.waitFor(2, TimeUnit.MINUTES)) {
                launcher.destroyForcibly();
                throw new AssertionError("The launcher did not stop within two minutes:\n" + output());
            }
            copyArchives(data.resolve("run"), ARCHIVES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copyArchives(Path from, Path to) {
        try {
            Files.createDirectories(from);
            Files.createDirectories(to);
            try (DirectoryStream<Path> archives = Files.newDirectoryStream(from, "*.jsa")) {
                for (Path archive : archives) {
                    Files.copy(archive, to.resolve(archive.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (launcher.isAlive()) {
            stop();
        }
    }

    /** @return what the launcher has printed */
    String output() {
        try {
            return Files.readString(data.resolve("launcher.out"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a line with this text has been printed by the present launcher. */
    void awaitOutput(String text, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!output().contains(text)) {
            if (!launcher.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError(
                        "The launcher " + (launcher.isAlive() ? "did not print" : "ended and did not print") + " \""
                                + text + "\":\n" + output());
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private void awaitReady() {
        awaitOutput("Everything runs", START_LIMIT);
    }

    private static Process launch(Path data, int port, Map<String, String> environment, String... options) {
        Path standalone = HOME.resolve("deploy/standalone/target");
        try {
            Files.createDirectories(data);
            Path arguments = data.resolve("launcher.args");
            Files.write(
                    arguments,
                    List.of(
                            "-Xmx128m",
                            "\"-Despalier.home=" + HOME + "\"",
                            "-cp",
                            "\"" + standalone.resolve("classes") + ":"
                                    + Files.readString(standalone.resolve("classpath"))
                                            .strip() + "\""));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "@" + arguments,
                    "io.espalier.standalone.Launcher",
                    "--data-dir",
                    data.toString(),
                    "--port",
                    Integer.toString(port)));
            command.addAll(List.of(options));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(data.resolve("launcher.out").toFile());
            builder.environment().put("PATH", pathWithoutTemporal());
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path pidFile(String process) {
        return data.resolve("run").resolve(process + ".pid");
    }

    private static ProcessHandle processOf(Path pidFile) {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip().split(" ")[0]);
            return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("No process " + pid + " of " + pidFile));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return whether it lived */
    private static boolean kill(ProcessHandle process) {
        boolean alive = process.destroyForcibly();
        process.onExit().join();
        return alive;
    }

    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException _) {
                // Somebody listens there.
            }
        }
    }

    /** The PATH without folders that hold a {@code temporal}: the launcher would use it in the place of its own server. */
    private static String pathWithoutTemporal() {
        return Stream.of(System.getenv("PATH").split(":"))
                .filter(folder -> !Files.exists(Path.of(folder, "temporal")))
                .collect(Collectors.joining(":"));
    }
}
