package io.espalier.standalone.server;

import io.espalier.contracts.process.ParentWatch;
import io.espalier.contracts.process.Settings;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Runs Temporal on the loopback address: the development server with a file database where a {@code temporal} program is on
 * the PATH, else the Java server, which keeps nothing across a restart (jobs are submitted again from PostgreSQL).
 */
public final class TemporalServer {
    /** Where Temporal itself listens; {@link Settings#PORT} is for health and metrics. */
    public static final String GRPC_PORT = "ESPALIER_TEMPORAL_PORT";

    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    private TemporalServer() {}

    public static void main(String[] arguments) throws Exception {
        ParentWatch.start();
        Settings settings = Settings.ofProcess();
        int port = settings.getInt(GRPC_PORT, 7233);
        int healthPort = settings.getInt(Settings.PORT, 0);
        Path directory = Files.createDirectories(Path.of(settings.required(Settings.DATA_DIRECTORY)));
        ForeignServer.endLeftover(directory, "temporal", ProcessHandle::destroy);
        Optional<Path> program = program();
        if (program.isPresent()) {
            Process server = startProgram(program.get(), directory, port);
            HealthEndpoints.serve(healthPort, "temporal", servingCheck(port));
            ForeignServer.endWith(server);
        } else {
            Server server = startEmbedded(port);
            HealthEndpoints.serve(healthPort, "temporal", () -> !server.isShutdown());
            server.awaitTermination();
        }
    }

    /** @return the {@code temporal} program on the PATH */
    public static Optional<Path> program() {
        String path = System.getenv("PATH");
        return Stream.of((path == null ? "" : path).split(":", -1))
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, "temporal"))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    // Not the test server's own main: that listens on every interface.
    private static Server startEmbedded(int port) throws IOException {
        boolean lockTimeSkipping = true;
        long initialTime = 0;
        TestServicesStarter services = new TestServicesStarter(lockTimeSkipping, initialTime);
        var builder = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                // Workers ping to keep their long polls open through whatever lies between.
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
        return builder.build().start();
    }

    private static Process startProgram(Path program, Path directory, int port) throws IOException {
        return ForeignServer.start(
                directory,
                "temporal",
                List.of(
                        program.toString(),
                        "server",
                        "start-dev",
                        "--db-filename",
                        directory.resolve("temporal.db").toString(),
                        "--headless",
                        "--ip",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--log-level",
                        "warn"),
                ProcessHandle::destroy);
    }

    private static BooleanSupplier servingCheck(int port) {
        var channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        var request = HealthCheckRequest.newBuilder()
                .setService("temporal.api.workflowservice.v1.WorkflowService")
                .build();
        return () -> {
            try {
                var response = HealthGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(5, TimeUnit.SECONDS)
                        .check(request);
                return response.getStatusValue() == 1;
            } catch (io.grpc.StatusRuntimeException _) {
                return false;
            }
        };
    }
}
