package io.espalier.standalone;

import com.sun.management.OperatingSystemMXBean;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.route.SavedRouteTable;
import io.espalier.standalone.server.ObjectStoreServer;
import io.espalier.standalone.server.PostgresServer;
import io.espalier.standalone.server.TemporalServer;
import io.espalier.standalone.supervisor.ClassArchive;
import io.espalier.standalone.supervisor.JavaCommand;
import io.espalier.standalone.supervisor.ProcessSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which processes an installation consists of, and what each is told. PostgreSQL, Temporal and S3 are left out where the
 * launcher's own environment names others. A secret goes only to the processes that need it, as the name of a file.
 */
final class ProcessPlan {
    static final String POSTGRESQL = "postgresql";
    static final String TEMPORAL = "temporal";
    static final String S3 = "s3";
    static final String CONTROL_PLANE = "control-plane";
    static final String GATEWAY = "gateway";
    static final String TRAINING_WORKER = "training-worker";
    static final String INFERENCE_WORKER = "inference-worker";

    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
    /**
     * Longer than gateway and inference worker drain: 10 s and 35 s unless they are told otherwise, and a few to free what they
     * have. The control plane writes its class archive, the largest, when it ends.
     */
    private static final Map<String, Duration> STOP_LIMITS = Map.of(
            GATEWAY, Duration.ofSeconds(20),
            INFERENCE_WORKER, Duration.ofSeconds(45),
            CONTROL_PLANE, Duration.ofSeconds(40));

    /** What predictions can do without, and what would take the processors from those who answer them. */
    private static final Set<String> BEHIND_SERVING = Set.of(S3, CONTROL_PLANE);

    private static final String LOOPBACK = "127.0.0.1";
    private static final String GATEWAY_ADMIN_PORT = "ESPALIER_ADMIN_PORT";
    /** The module of the servers that are not ours. */
    private static final String SERVERS = "deploy/standalone";

    private static final List<String> SECRETS = List.of(
            Settings.SERVICE_CREDENTIAL,
            Settings.OPERATOR_CREDENTIAL,
            Settings.S3_ACCESS_KEY,
            Settings.S3_SECRET_KEY,
            PostgresServer.SUPERUSER_PASSWORD,
            Settings.DATABASE_OWNER_PASSWORD,
            Settings.DATABASE_APP_PASSWORD,
            Settings.DATABASE_DIRECTORY_PASSWORD,
            Settings.HUB_TOKEN);

    private final Path home;
    private final DataDirectory data;
    private final Ports ports;
    private final int publicPort;
    private final Map<String, String> inherited;
    private final Settings outer;
    private final List<ProcessSpec> processes = new ArrayList<>();

    private ProcessPlan(Path home, DataDirectory data, Ports ports, int publicPort, Map<String, String> inherited) {
        this.home = home;
        this.data = data;
        this.ports = ports;
        this.publicPort = publicPort;
        this.inherited = inherited;
        this.outer = new Settings(inherited);
    }

    /** @param inherited the launcher's environment, where overrides stand */
    static List<ProcessSpec> of(
            Path home, DataDirectory data, Ports ports, int publicPort, Map<String, String> inherited) {
        ProcessPlan plan = new ProcessPlan(home, data, ports, publicPort, inherited);
        plan.build();
        return List.copyOf(plan.processes);
    }

    /**
     * Where the gateway listens.
     *
     * @throws LaunchException if the environment names an address that this machine does not have
     */
    static InetAddress publicAddress(Map<String, String> inherited) {
        String host = new Settings(inherited).get(Settings.HOST, LOOPBACK);
        try {
            InetAddress address = InetAddress.getByName(host);
            if (address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null) {
                return address;
            }
        } catch (UnknownHostException | SocketException _) {
            // Said below, as for an address of somebody else.
        }
        throw new LaunchException(Settings.HOST + " is " + host + ", which is not an address of this machine.");
    }

    /** The gateway's origin as this machine reaches it, whatever the public origin is. */
    static String localOrigin(int port, Map<String, String> inherited) {
        InetAddress address = publicAddress(inherited);
        String host = address.isAnyLocalAddress() ? LOOPBACK : address.getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    static String publicUrl(int port, Map<String, String> inherited) {
        return new Settings(inherited).get(Settings.PUBLIC_URL, localOrigin(port, inherited));
    }

    private void build() {
        boolean ownDatabase = outer.optional(Settings.DATABASE_URL) == null;
        boolean ownTemporal = outer.optional(Settings.TEMPORAL_ADDRESS) == null;
        boolean ownStore = outer.optional(Settings.S3_ENDPOINT) == null;
        Map<String, String> store = store(ownStore);
        Map<String, String> temporal = temporal(ownTemporal);
        Map<String, String> service = new HashMap<>(secret(Settings.SERVICE_CREDENTIAL, "service-credential"));
        service.put(Settings.CONTROL_PLANE_URL, "http://" + LOOPBACK + ":" + httpPort(CONTROL_PLANE));

        if (ownDatabase) {
            add(POSTGRESQL, SERVERS, PostgresServer.class.getName(), databaseServer(), Set.of(), new Memory(64, 1500));
        }
        if (ownTemporal) {
            var server = Map.of(TemporalServer.GRPC_PORT, Integer.toString(ports.of(TEMPORAL)));
            add(TEMPORAL, SERVERS, TemporalServer.class.getName(), server, Set.of(), new Memory(384, 1000));
        }
        if (ownStore) {
            add(S3, SERVERS, ObjectStoreServer.class.getName(), store, Set.of(), new Memory(384, 1000));
        }
        add(
                CONTROL_PLANE,
                "control-plane",
                "io.espalier.controlplane.ControlPlane",
                all(service, store, temporal, controlPlane(ownDatabase)),
                Set.of(),
                new Memory(768, 1800));
        add(
                TRAINING_WORKER,
                "training-worker",
                "io.espalier.training.TrainingWorker",
                all(service, store, temporal, whereGiven(Settings.HUB_TOKEN)),
                Set.of(TEMPORAL, S3),
                // RoBERTa is exported in three gigabytes.
                new Memory(
                        Math.clamp(physicalMegabytes() / 6, 1024, 3072), Math.max(4096, physicalMegabytes() * 7 / 10)));
        // Waits for nobody: what it served last is in its cache.
        add(
                INFERENCE_WORKER,
                "inference-worker",
                "io.espalier.inference.InferenceWorker",
                all(service, store),
                Set.of(),
                new Memory(768, Math.max(2048, physicalMegabytes() * 4 / 10)));
        // The last to start is the first to stop: what it still has to answer needs the others.
        add(
                GATEWAY,
                "gateway",
                "io.espalier.gateway.Gateway",
                all(service, gateway()),
                Set.of(),
                new Memory(512, 1400));
    }

    /**
     * @param heapMegabytes of the JVM
     * @param residentMegabytes of the process and its children, heap included
     */
    private record Memory(long heapMegabytes, long residentMegabytes) {}

    private void add(
            String name,
            String module,
            String mainClass,
            Map<String, String> environment,
            Set<String> after,
            Memory defaults) {
        String variable = "ESPALIER_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
        long heap = megabytes(variable + "_HEAP_MB", defaults.heapMegabytes());
        long resident = megabytes(variable + "_MEMORY_MB", defaults.residentMegabytes());
        int port = httpPort(name);

        Map<String, String> whole = new HashMap<>();
        SECRETS.forEach(secret -> {
            whole.put(secret, "");
            whole.put(secret + "_FILE", "");
        });
        whole.put(Settings.HOST, LOOPBACK);
        whole.put(Settings.PORT, Integer.toString(port));
        whole.put(Settings.DATA_DIRECTORY, data.of(name).toString());
        whole.putAll(environment);
        String classPath = classPath(home.resolve(module));
        Path temporary = data.of("tmp").resolve(name);
        List<String> flags = new ArrayList<>(
                List.of("-Xmx" + heap + "m", "-Despalier.process=" + name, "-Djava.io.tmpdir=" + temporary));
        flags.addAll(ClassArchive.flags(data.run(), name, classPath));
        if (module.equals(SERVERS)) {
            flags.add("-XX:+UseSerialGC");
        }
        if (module.equals(SERVERS) || name.equals(CONTROL_PLANE)) {
            // The second compiler takes more from a start, and from a training beside it, than its code gives back.
            flags.add("-XX:TieredStopAtLevel=1");
        }
        processes.add(new ProcessSpec(
                name,
                JavaCommand.of(data.run().resolve(name + ".args"), classPath, flags, mainClass),
                whole,
                temporary,
                URI.create("http://" + LOOPBACK + ":" + port),
                after,
                BEHIND_SERVING.contains(name) && servedBefore() ? Set.of(INFERENCE_WORKER) : Set.of(),
                resident << 20,
                STOP_LIMITS.getOrDefault(name, STOP_LIMIT)));
    }

    /** Then gateway and inference worker answer by themselves, from what they keep on disk. */
    private boolean servedBefore() {
        return Files.exists(data.of(INFERENCE_WORKER).resolve(SavedRouteTable.FILE));
    }

    private long megabytes(String variable, long otherwise) {
        try {
            int megabytes = outer.getInt(variable, (int) otherwise);
            if (megabytes > 0) {
                return megabytes;
            }
        } catch (IllegalStateException _) {
            // Said below, as for a number out of range.
        }
        throw new LaunchException(
                variable + " must be a whole number of megabytes, not " + inherited.get(variable) + ".");
    }

    /** Where a process answers HTTP, health and metrics at least. */
    private int httpPort(String process) {
        return ports.of(process + "-http");
    }

    /** The public origin; health and metrics are beside it, not on it. */
    private Map<String, String> gateway() {
        return Map.of(
                Settings.HOST,
                outer.get(Settings.HOST, LOOPBACK),
                Settings.PORT,
                Integer.toString(publicPort),
                GATEWAY_ADMIN_PORT,
                Integer.toString(httpPort(GATEWAY)),
                Settings.S3_ENDPOINT,
                storeEndpoint());
    }

    private Map<String, String> databaseServer() {
        return all(
                Map.of(PostgresServer.DATABASE_PORT, Integer.toString(ports.of(POSTGRESQL))),
                secret(PostgresServer.SUPERUSER_PASSWORD, "database-superuser-password"),
                secret(Settings.DATABASE_OWNER_PASSWORD, "database-owner-password"));
    }

    private Map<String, String> controlPlane(boolean ownDatabase) {
        String databaseUrl = ownDatabase
                ? "jdbc:postgresql://" + LOOPBACK + ":" + ports.of(POSTGRESQL) + "/" + PostgresServer.DATABASE
                : outer.required(Settings.DATABASE_URL);
        return all(
                Map.of(Settings.DATABASE_URL, databaseUrl, Settings.PUBLIC_URL, publicUrl(publicPort, inherited)),
                databasePassword(ownDatabase),
                secret(Settings.DATABASE_APP_PASSWORD, "database-app-password"),
                secret(Settings.DATABASE_DIRECTORY_PASSWORD, "database-directory-password"),
                secret(Settings.OPERATOR_CREDENTIAL, "operator-credential"));
    }

    private Map<String, String> temporal(boolean own) {
        return Map.of(
                Settings.TEMPORAL_ADDRESS,
                own ? LOOPBACK + ":" + ports.of(TEMPORAL) : outer.required(Settings.TEMPORAL_ADDRESS),
                Settings.TEMPORAL_EMBEDDED,
                Boolean.toString(own && TemporalServer.program().isEmpty()));
    }

    private String storeEndpoint() {
        String given = outer.optional(Settings.S3_ENDPOINT);
        return given == null ? "http://" + LOOPBACK + ":" + ports.of(S3) : given;
    }

    private Map<String, String> store(boolean own) {
        return all(
                Map.of(
                        Settings.S3_ENDPOINT,
                        storeEndpoint(),
                        Settings.S3_BUCKET,
                        outer.get(Settings.S3_BUCKET, "espalier"),
                        Settings.S3_REGION,
                        outer.get(Settings.S3_REGION, "us-east-1")),
                own ? secret(Settings.S3_ACCESS_KEY, "s3-access-key") : given(Settings.S3_ACCESS_KEY),
                own ? secret(Settings.S3_SECRET_KEY, "s3-secret-key") : given(Settings.S3_SECRET_KEY));
    }

    @SafeVarargs
    private static Map<String, String> all(Map<String, String>... parts) {
        Map<String, String> whole = new HashMap<>();
        for (Map<String, String> part : parts) {
            whole.putAll(part);
        }
        return whole;
    }

    private Map<String, String> databasePassword(boolean own) {
        return own
                ? secret(Settings.DATABASE_OWNER_PASSWORD, "database-owner-password")
                : given(Settings.DATABASE_OWNER_PASSWORD);
    }

    /** A secret of ours, as the name of its file. */
    private Map<String, String> secret(String variable, String name) {
        return Map.of(variable + "_FILE", data.secret(name).toString());
    }

    /** A secret of somebody else's server, as the launcher was told it. */
    private Map<String, String> given(String variable) {
        Map<String, String> found = whereGiven(variable);
        if (found.isEmpty()) {
            throw new LaunchException("The environment names a server of yours but not its " + variable + ".");
        }
        return found;
    }

    private Map<String, String> whereGiven(String variable) {
        Map<String, String> found = new HashMap<>();
        for (String name : List.of(variable, variable + "_FILE")) {
            String value = inherited.get(name);
            if (value != null && !value.isBlank()) {
                found.put(name, value);
            }
        }
        return found;
    }

    private static String classPath(Path module) {
        try {
            return module.resolve("target").resolve(module.getFileName() + ".jar")
                    + System.getProperty("path.separator")
                    + Files.readString(module.resolve("target/classpath")).strip();
        } catch (IOException _) {
            throw new LaunchException(module + " is not built; deploy/up builds it.");
        }
    }

    private static long physicalMegabytes() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getTotalMemorySize() >> 20;
    }
}
