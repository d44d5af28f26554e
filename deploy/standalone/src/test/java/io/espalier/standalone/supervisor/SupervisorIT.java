package io.espalier.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.espalier.contracts.process.ParentWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SupervisorIT {
    private static final long PLENTY = 2L << 30;

    @TempDir
    private Path folder;

    private final Events events = new Events();

    @Test
    void startsAProcessAgainThatWasKilled() throws Exception {
        try (Supervisor supervisor = supervise(spec("worker", Set.of(), PLENTY))) {
            assertThat(events.next()).isEqualTo("worker ready");
            ProcessHandle first = new PidFile(folder, "worker").running().orElseThrow();

            first.destroyForcibly();

            assertThat(events.next()).isEqualTo("worker died: ended with status 137");
            assertThat(events.next()).isEqualTo("worker ready");
            assertThat(new PidFile(folder, "worker").running().orElseThrow()).isNotEqualTo(first);
            assertThat(supervisor.awaitReady(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void startsAgainWhatHoldsMoreMemoryThanItsBudget() throws Exception {
        try (Supervisor _ = supervise(spec("greedy", Set.of(), 8L << 20))) {
            String verdict = events.nextOtherThan("greedy ready");

            assertThat(verdict).startsWith("greedy died: held").endsWith("more than its 8 MB, and was stopped");
            assertThat(events.nextOtherThan("greedy ready")).startsWith("greedy died: held");
        }
    }

    @Test
    void letsAnotherProcessBecomeReadyFirst() throws Exception {
        ProcessSpec patient = behind(spec("patient", Set.of(), PLENTY), "other", "of another installation");
        // Started late enough that one which does not let it go first would be ready before.
        ProcessSpec other = spec("other", Set.of("base"), PLENTY);

        try (Supervisor _ = supervise(patient, spec("base", Set.of(), PLENTY), other)) {
            assertThat(events.next()).isEqualTo("base ready");
            assertThat(events.next()).isEqualTo("other ready");
            assertThat(events.next()).isEqualTo("patient ready");
        }
    }

    @Test
    void watchesTheMemoryOfWhatHasNotBecomeReady() throws Exception {
        ProcessSpec healthy = spec("greedy", Set.of(), 8L << 20);
        ProcessSpec neverReady = new ProcessSpec(
                healthy.name(),
                healthy.command(),
                healthy.environment(),
                healthy.temporary(),
                URI.create("http://127.0.0.1:1"),
                healthy.after(),
                healthy.behind(),
                healthy.residentBudgetBytes(),
                healthy.stopLimit());

        try (Supervisor _ = supervise(neverReady)) {
            assertThat(events.next()).startsWith("greedy died: held");
        }
    }

    @Test
    void supervisesOnWhereTheLogCannotBeWritten() throws Exception {
        Files.createSymbolicLink(folder.resolve("worker.log"), Path.of("/dev/full"));

        try (Supervisor _ = supervise(spec("worker", Set.of(), PLENTY))) {
            assertThat(events.next()).isEqualTo("worker ready");
            new PidFile(folder, "worker").running().orElseThrow().destroyForcibly();

            assertThat(events.next()).isEqualTo("worker died: ended with status 137");
            assertThat(events.next()).isEqualTo("worker ready");
        }
    }

    @Test
    void startsAgainWhatItCouldNotWriteDown() throws Exception {
        Path obstacle = Files.createDirectory(folder.resolve("worker.pid.part"));

        try (Supervisor _ = supervise(spec("worker", Set.of(), PLENTY))) {
            assertThat(events.next()).startsWith("worker died: could not be supervised:");
            Files.delete(obstacle);

            assertThat(events.nextOtherThan("worker died")).isEqualTo("worker ready");
        }
    }

    @Test
    void startsInOrderAndStopsInReverse() throws Exception {
        Supervisor supervisor =
                supervise(spec("first", Set.of(), PLENTY), spec("second", Set.of("first", "not here"), PLENTY));
        assertThat(events.next()).isEqualTo("first ready");
        assertThat(events.next()).isEqualTo("second ready");

        supervisor.close();

        assertThat(endOf("second")).isBefore(endOf("first"));
        assertThat(Files.readString(folder.resolve("first.log"))).contains("first | says hello");
        assertThat(new PidFile(folder, "first").running()).isEmpty();
    }

    @Test
    void leavesAStrangerAloneThatHasTheIdOfAnEndedProcess() throws Exception {
        Files.writeString(
                folder.resolve("old.pid"),
                ProcessHandle.current().pid() + " " + (System.currentTimeMillis() - 3_600_000));

        assertThat(new PidFile(folder, "old").endLeftover(Duration.ZERO)).isFalse();
    }

    private Supervisor supervise(ProcessSpec... specs) {
        Supervisor supervisor = new Supervisor(List.of(specs), events, folder, folder);
        supervisor.start();
        return supervisor;
    }

    private Instant endOf(String process) throws IOException {
        return Instant.parse(Files.readString(folder.resolve(process + ".end")));
    }

    private ProcessSpec spec(String name, Set<String> after, long budget) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        return new ProcessSpec(
                name,
                JavaCommand.of(
                        folder.resolve(name + ".args"),
                        System.getProperty("java.class.path"),
                        List.of("-Xmx64m", "-XX:+UseSerialGC"),
                        Healthy.class.getName()),
                Map.of(
                        "PORT",
                        Integer.toString(port),
                        "END",
                        folder.resolve(name + ".end").toString()),
                folder.resolve("tmp").resolve(name),
                URI.create("http://127.0.0.1:" + port),
                after,
                Set.of(),
                budget,
                Duration.ofSeconds(10));
    }

    private static ProcessSpec behind(ProcessSpec spec, String... others) {
        return new ProcessSpec(
                spec.name(),
                spec.command(),
                spec.environment(),
                spec.temporary(),
                spec.health(),
                spec.after(),
                Set.of(others),
                spec.residentBudgetBytes(),
                spec.stopLimit());
    }

    /** A process that is healthy until it is ended, and writes down when that was. */
    static final class Healthy {
        private Healthy() {}

        public static void main(String[] arguments) throws IOException {
            ParentWatch.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    Files.writeString(
                            Path.of(System.getenv("END")), Instant.now().toString());
                } catch (IOException e) {
                    e.printStackTrace();
                }
            }));
            System.out.println("says hello");
            HttpServer server = HttpServer.create(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(System.getenv("PORT"))),
                    0);
            server.createContext("/health", exchange -> {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
        }
    }

    private static final class Events implements ProcessEvents {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        String next() throws InterruptedException {
            return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
        }

        String nextOtherThan(String start) throws InterruptedException {
            String next = next();
            while (next.startsWith(start)) {
                next = next();
            }
            return next;
        }

        @Override
        public void ready(String process, Duration after) {
            heard.add(process + " ready");
        }

        @Override
        public void slow(String process, Path log) {
            heard.add(process + " slow");
        }

        @Override
        public void died(String process, String reason, Duration restartIn, Path log, String lastWords) {
            heard.add(process + " died: " + reason);
        }

        @Override
        public void killed(String process, Duration limit) {
            heard.add(process + " killed");
        }
    }
}
