package io.espalier.standalone.server;

import io.espalier.contracts.process.FileTrees;
import io.espalier.contracts.process.ParentWatch;
import io.espalier.contracts.process.Settings;
import io.espalier.standalone.LaunchException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs PostgreSQL on the loopback address: durable, with a password for every login, without sockets in the file system.
 * Makes the database {@code espalier} and its owner, who is no superuser but may create the roles of the migrations.
 */
public final class PostgresServer {
    /** Where PostgreSQL itself listens; {@link Settings#PORT} is for health and metrics. */
    public static final String DATABASE_PORT = "ESPALIER_DATABASE_PORT";

    public static final String SUPERUSER_PASSWORD = "ESPALIER_DATABASE_SUPERUSER_PASSWORD";
    public static final String OWNER = "espalier_owner";
    public static final String DATABASE = "espalier";

    private static final String SUPERUSER = "postgres";
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private final Path programs;
    private final Path data;
    private final Path run;
    private final int port;
    private final String superuserPassword;
    private final String ownerPassword;
    private @Nullable Connection probe;

    private PostgresServer(
            Path programs, Path data, Path run, int port, String superuserPassword, String ownerPassword) {
        this.programs = programs;
        this.data = data;
        this.run = run;
        this.port = port;
        this.superuserPassword = superuserPassword;
        this.ownerPassword = ownerPassword;
    }

    public static void main(String[] arguments) throws Exception {
        ParentWatch.start();
        Settings settings = Settings.ofProcess();
        Path directory = Path.of(settings.required(Settings.DATA_DIRECTORY));
        PostgresServer server = new PostgresServer(
                PostgresBinaries.unpack(directory.resolve("programs-18")),
                directory.resolve("data-18"),
                directory,
                settings.getInt(DATABASE_PORT, 5432),
                settings.required(SUPERUSER_PASSWORD),
                settings.required(Settings.DATABASE_OWNER_PASSWORD));
        ForeignServer.endLeftover(directory, "postgresql", server::stop);
        server.initialize();
        Process postmaster = server.start();
        server.awaitStart(postmaster);
        server.makeDatabase();
        HealthEndpoints.serve(settings.getInt(Settings.PORT, 0), "postgresql", server::answers);
        ForeignServer.endWith(postmaster);
    }

    /** @throws LaunchException if this is root where PostgreSQL cannot be made somebody else */
    public static void requireUnprivileged() {
        List<String> command = new ArrayList<>(unprivileged());
        command.add("true");
        try {
            if (new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0) {
                return;
            }
        } catch (IOException _) {
            // Said below: there is no program unshare.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        throw new LaunchException(
                "PostgreSQL does not run as root, and this machine does not let root become somebody else"
                        + " (unshare -U fails): start as another user, or name a server of yours by ESPALIER_DATABASE_URL.");
    }

    private void initialize() throws IOException, InterruptedException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            writeAccessRules(data);
            removeStalePid();
            return;
        }
        deleteRemains();
        // Into a folder aside: an initdb that was killed half-way must not look like a cluster.
        Path partial = Files.createTempDirectory(run, "initdb-");
        Path passwordFile = Files.createTempFile(
                run,
                "password-",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(passwordFile, superuserPassword);
            execute(List.of(
                    program("initdb"),
                    "--pgdata=" + partial,
                    "--username=" + SUPERUSER,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--locale=C",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions"));
            writeAccessRules(partial);
            Files.move(partial, data);
        } finally {
            Files.delete(passwordFile);
        }
    }

    /** Of an initdb that was killed, the superuser's password among them. */
    private void deleteRemains() throws IOException {
        try (DirectoryStream<Path> remains = Files.newDirectoryStream(run, "{initdb-,password-}*")) {
            for (Path remain : remains) {
                FileTrees.delete(remain);
            }
        }
    }

    private static void writeAccessRules(Path cluster) throws IOException {
        Files.writeString(cluster.resolve("pg_hba.conf"), """
                # Written at every start. Nobody gets in without a password, from this machine only.
                host all all 127.0.0.1/32 scram-sha-256
                """);
    }

    /** PostgreSQL refuses to start where the id in postmaster.pid is alive, though it may be a stranger's by now. */
    private void removeStalePid() throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return;
        }
        String first = Files.readAllLines(file).stream().findFirst().orElse("").strip();
        boolean ours = !first.isEmpty()
                && ProcessHandle.of(Long.parseLong(first))
                        .flatMap(process -> process.info().commandLine())
                        .filter(command -> command.contains(data.toString()))
                        .isPresent();
        if (!ours) {
            Files.delete(file);
        }
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(unprivileged());
        command.addAll(List.of(
                program("postgres"),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=on",
                "-c",
                "synchronous_commit=on",
                "-c",
                "full_page_writes=on",
                "-c",
                "password_encryption=scram-sha-256",
                "-c",
                "shared_buffers=128MB",
                "-c",
                "max_connections=60",
                "-c",
                "log_min_messages=warning"));
        return ForeignServer.start(run, "postgresql", command, this::stop);
    }

    /** Fast: open connections are cut, what is running is rolled back. */
    private void stop(ProcessHandle postmaster) throws IOException, InterruptedException {
        execute(List.of(program("pg_ctl"), "stop", "-D", data.toString(), "-m", "fast", "-W"));
    }

    private void awaitStart(Process postmaster) throws InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline && postmaster.isAlive()) {
            if (answers()) {
                return;
            }
            Thread.sleep(50);
        }
        System.out.println("PostgreSQL did not start.");
        System.exit(1);
    }

    private void makeDatabase() throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            if (isMissing(connection, "select 1 from pg_roles where rolname = '" + OWNER + "'")) {
                statement.execute("create role " + OWNER);
            }
            // A generated password of the base64url alphabet: it needs no escaping.
            statement.execute("alter role " + OWNER + " login createrole nosuperuser nobypassrls password '"
                    + ownerPassword + "'");
            if (isMissing(connection, "select 1 from pg_database where datname = '" + DATABASE + "'")) {
                statement.execute("create database " + DATABASE + " owner " + OWNER);
            }
        }
    }

    private static boolean isMissing(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return !rows.next();
        }
    }

    private synchronized boolean answers() {
        try {
            if (probe == null || !probe.isValid(2)) {
                if (probe != null) {
                    probe.close();
                }
                probe = connect();
            }
            return true;
        } catch (SQLException _) {
            return false;
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?ApplicationName=launcher",
                SUPERUSER,
                superuserPassword);
    }

    private String program(String name) {
        return programs.resolve("bin").resolve(name).toString();
    }

    private void execute(List<String> command) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(unprivileged());
        whole.addAll(command);
        int status = new ProcessBuilder(whole).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(command.getFirst() + " ended with status " + status);
        }
    }

    /** PostgreSQL refuses to run as root; in a user namespace of its own it is nobody, and has no more rights than that. */
    private static List<String> unprivileged() {
        return System.getProperty("user.name").equals("root") ? List.of("unshare", "-U") : List.of();
    }
}
