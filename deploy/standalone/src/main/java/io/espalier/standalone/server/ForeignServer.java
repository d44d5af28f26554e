package io.espalier.standalone.server;

import io.espalier.standalone.supervisor.PidFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A server that is not Java, as the child of one of our processes. The two live and die together: when the server ends, so
 * does this process, and the supervisor starts both again; when this process ends, it stops the server. Should this
 * process be killed, the server is left behind with its pid in {@code run/NAME-server.pid}, and the next one ends it.
 */
final class ForeignServer {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final Duration LEFTOVER_PATIENCE = Duration.ofSeconds(5);

    private ForeignServer() {}

    /** Ends what an earlier process of this name left behind. */
    static void endLeftover(Path run, String name, StopSignal stop) throws InterruptedException {
        PidFile pidFile = new PidFile(run, name + "-server");
        Optional<ProcessHandle> leftover = pidFile.running();
        if (leftover.isPresent()) {
            System.out.println("Ending a server that an earlier process has left behind.");
            try {
                stop.send(leftover.get());
            } catch (IOException e) {
                System.out.println("It could not be asked to stop: " + e.getMessage());
            }
        }
        pidFile.endLeftover(LEFTOVER_PATIENCE);
    }

    /** @param stop asks the server to stop; called once, when this process is to end */
    static Process start(Path run, String name, List<String> command, StopSignal stop) throws IOException {
        Process server = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        PidFile pidFile = new PidFile(run, name + "-server");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                if (server.isAlive()) {
                    stop.send(server.toHandle());
                    if (!server.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                        server.destroyForcibly().waitFor();
                    }
                }
                pidFile.delete();
            } catch (IOException | InterruptedException e) {
                server.destroyForcibly();
            }
        }));
        // After the hook: a server whose id cannot be written down must not stay behind.
        pidFile.write(server.toHandle());
        return server;
    }

    /** Waits for the server to end, and then ends this process with an error. */
    static void endWith(Process server) throws InterruptedException {
        int status = server.waitFor();
        System.out.println("The server ended with status " + status + ".");
        System.exit(1);
    }

    /** How a server wants to be told. */
    @FunctionalInterface
    interface StopSignal {
        void send(ProcessHandle server) throws IOException, InterruptedException;
    }
}
