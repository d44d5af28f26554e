package io.espalier.standalone;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.process.Settings;
import io.espalier.standalone.console.Console;
import io.espalier.standalone.demo.Demo;
import io.espalier.standalone.demo.DemoFailedException;
import io.espalier.standalone.server.PostgresServer;
import io.espalier.standalone.supervisor.PidFile;
import io.espalier.standalone.supervisor.ProcessEvents;
import io.espalier.standalone.supervisor.ProcessSpec;
import io.espalier.standalone.supervisor.Supervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The main class behind {@code deploy/up}: one installation on one machine, and the demo if it is asked for. */
public final class Launcher {
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration LEFTOVER_PATIENCE = Duration.ofSeconds(5);

    private final Options options;
    private final DataDirectory data;
    private final Console console;
    private final String localOrigin;
    private final String publicUrl;
    private final Supervisor supervisor;
    private volatile boolean stopping;

    private Launcher(
            Options options,
            DataDirectory data,
            Console console,
            String localOrigin,
            String publicUrl,
            Supervisor supervisor) {
        this.options = options;
        this.data = data;
        this.console = console;
        this.localOrigin = localOrigin;
        this.publicUrl = publicUrl;
        this.supervisor = supervisor;
    }

    public static void main(String[] arguments) throws Exception {
        int status = 1;
        try {
            Path home = Path.of(System.getProperty("espalier.home", "."))
                    .toAbsolutePath()
                    .normalize();
            status = prepare(Options.parse(List.of(arguments), home), home).run();
        } catch (LaunchException e) {
            System.err.println(e.getMessage());
        }
        System.exit(status);
    }

    private static Launcher prepare(Options options, Path home) throws IOException {
        DataDirectory data = DataDirectory.open(options.dataDirectory());
        Console console = new Console(data.logs().resolve("launcher.log"));
        endLeftovers(data.run());
        var environment = System.getenv();
        Ports.requireFree(ProcessPlan.publicAddress(environment), options.port());
        Ports ports = new Ports(data.root().resolve("ports.properties"));
        List<ProcessSpec> processes = ProcessPlan.of(home, data, ports, options.port(), environment);
        ports.save();
        Settings settings = Settings.ofProcess();
        if (settings.optional(Settings.DATABASE_URL) == null) {
            PostgresServer.requireUnprivileged();
        }
        if (settings.optional(Settings.S3_ENDPOINT) != null) {
            makeBucket(settings);
        }
        Supervisor supervisor = new Supervisor(processes, new Narrator(console), data.run(), data.logs());
        return new Launcher(
                options,
                data,
                console,
                ProcessPlan.localOrigin(options.port(), environment),
                ProcessPlan.publicUrl(options.port(), environment),
                supervisor);
    }

    /** Children end by themselves when their launcher is killed; the next one waits until they have. */
    private static void endLeftovers(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".pid"))
                    .forEach(name ->
                            new PidFile(run, name.substring(0, name.length() - 4)).endLeftover(LEFTOVER_PATIENCE));
        }
    }

    /** In a store of the user's; the embedded one makes its own. */
    private static void makeBucket(Settings settings) {
        try (ObjectStore store = new ObjectStore(settings.objectStore())) {
            store.makeBucket();
        } catch (UncheckedIOException e) {
            throw new LaunchException(e.getMessage() + " (" + settings.required(Settings.S3_ENDPOINT) + ")");
        }
    }

    /** @return the status to exit with */
    private int run() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        long started = System.nanoTime();
        console.line("Starting in " + data.root() + " (logs in " + data.logs() + ")");
        supervisor.start();
        List<String> missing = supervisor.awaitReady(START_LIMIT);
        if (!missing.isEmpty()) {
            console.line("Not ready after %d s: %s. Their logs are in %s."
                    .formatted(START_LIMIT.toSeconds(), String.join(", ", missing), data.logs()));
            if (options.exit()) {
                return 1;
            }
        } else {
            console.line("Everything runs after %.1f s: %s".formatted((System.nanoTime() - started) / 1e9, publicUrl));
        }
        boolean worked = runDemo();
        if (options.exit()) {
            return worked ? 0 : 1;
        }
        if (!stopping) {
            console.line(addresses());
        }
        new CountDownLatch(1).await();
        return 0;
    }

    private boolean runDemo() throws InterruptedException {
        if (options.demos().isEmpty()) {
            return true;
        }
        try {
            new Demo(
                            localOrigin,
                            data.readSecret("operator-credential"),
                            data.readSecret("demo-password"),
                            options.report(),
                            console)
                    .run(options.demos());
            return true;
        } catch (DemoFailedException e) {
            sayDemoFailed(e.getMessage());
            return false;
        } catch (RuntimeException e) {
            // A defect of ours; what has started goes on running.
            console.log(e);
            sayDemoFailed("%s; more in %s".formatted(e, data.logs().resolve("launcher.log")));
            return false;
        }
    }

    /** Unless it failed because everything is being stopped. */
    private void sayDemoFailed(@Nullable String reason) {
        if (!stopping) {
            console.status("");
            console.line("");
            console.line("The demo failed: " + reason);
        }
    }

    private String addresses() {
        return """

                Espalier runs.
                  Address               %s
                  API reference         %s/
                  Operator credential   %s
                  Logs                  %s
                %s
                Ctrl-C stops everything.""".formatted(
                        publicUrl,
                        publicUrl,
                        data.secret("operator-credential"),
                        data.logs(),
                        data.hasSecret("demo-password") ? howToLogIn() : howToMakeATenant());
    }

    private String howToLogIn() {
        return """
                Log in as the demo's owner:
                  curl -c cookies -H 'Content-Type: application/json' %s/api/session \\
                    -d '{"email": "%s", "password": "'"$(cat '%s')"'"}'""".formatted(localOrigin, Demo.OWNER, data.secret("demo-password"));
    }

    private String howToMakeATenant() {
        return """
                Make a tenant:
                  curl -H "Authorization: Bearer $(cat '%s')" -H 'Content-Type: application/json' %s/api/tenants \\
                    -d '{"name": "Acme", "owner": {"email": "me@acme.example", "password": "CHOOSE-A-LONG-ONE"}}'""".formatted(data.secret("operator-credential"), localOrigin);
    }

    private void stop() {
        stopping = true;
        console.status("");
        console.line("Stopping");
        supervisor.close();
        console.line("Stopped");
        data.close();
    }

    /** Tells the user what happens to processes. */
    private record Narrator(Console console) implements ProcessEvents {
        @Override
        public void ready(String process, Duration after) {
            console.event(process, "ready after %.1f s".formatted(after.toMillis() / 1000.0));
        }

        @Override
        public void slow(String process, Path log) {
            console.event(process, "is not ready yet; see " + log);
        }

        @Override
        public void died(String process, String reason, Duration restartIn, Path log, String lastWords) {
            console.event(
                    process,
                    "%s; starting again in %.1f s; see %s; its last words: %s"
                            .formatted(reason, restartIn.toMillis() / 1000.0, log, lastWords));
        }

        @Override
        public void killed(String process, Duration limit) {
            console.event(process, "did not stop within " + limit.toSeconds() + " s and was killed");
        }
    }
}
