package io.espalier.gateway;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.espalier.contracts.process.ParentWatch;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.route.BodyBudget;
import io.espalier.contracts.route.RouteTableClient;
import io.espalier.contracts.route.SavedRouteTable;
import io.espalier.contracts.task.EventKind;
import io.espalier.gateway.edge.Edge;
import io.espalier.gateway.edge.ProblemAnswers;
import io.espalier.gateway.health.GatewayMetrics;
import io.espalier.gateway.health.HealthService;
import io.espalier.gateway.prediction.EventService;
import io.espalier.gateway.prediction.PredictionChain;
import io.espalier.gateway.prediction.PredictionService;
import io.espalier.gateway.prediction.RateLimits;
import io.espalier.gateway.proxy.ControlPlaneProxy;
import io.espalier.gateway.proxy.ObjectStoreProxy;
import io.espalier.gateway.proxy.Upstream;
import io.espalier.gateway.route.Routes;
import io.espalier.gateway.worker.Workers;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public origin. Serves {@link PublicRoute} on one port and its metrics on another, which is not public; follows the
 * route table.
 */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final int LONGEST_URL = 8 << 10;
    private static final int LARGEST_HEADERS = 16 << 10;
    private static final Duration DRAIN_QUIET = Duration.ofMillis(200);

    private final GatewaySettings settings;
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final EventLoopGroup eventLoops =
            EventLoopGroups.newEventLoopGroup(Math.max(2, Runtime.getRuntime().availableProcessors()));
    private final ClientFactory clients = Upstream.clients(eventLoops);
    private final Workers workers = new Workers(clients, eventLoops, InstantSource.system());
    private final RateLimits limits = new RateLimits(TimeMeter.SYSTEM_NANOTIME);
    private final BodyBudget bodies;
    private final Routes routes;
    private final RouteTableClient routeTable;
    private final Server server;
    private final Server admin;
    private volatile boolean draining;

    private Gateway(GatewaySettings settings) {
        this.settings = settings;
        this.bodies = BodyBudget.ofHeap(settings.maxPredictionBytes());
        this.routes = new Routes(
                new SavedRouteTable(settings.dataDirectory().resolve(SavedRouteTable.FILE)),
                List.of(workers::follow, limits::follow));
        this.routeTable = new RouteTableClient(settings.controlPlane(), settings.serviceCredential(), routes::accept);
        this.server = server();
        this.admin = admin();
        observe(metrics.registry());
    }

    public static void main(String[] arguments) {
        ParentWatch.start();
        Gateway gateway = start(GatewaySettings.of(Settings.ofProcess()));
        Runtime.getRuntime().addShutdownHook(new Thread(gateway::close, "drain"));
    }

    /** Starts and returns as soon as it listens; it is ready with the first route table, heard or saved. */
    public static Gateway start(GatewaySettings settings) {
        Gateway gateway = new Gateway(settings);
        try {
            gateway.routes.restore();
            gateway.workers.start();
            gateway.routeTable.start();
            gateway.admin.start().join();
            gateway.server.start().join();
        } catch (RuntimeException | Error e) {
            // The port is taken, most likely; without this the event loops would keep the process alive.
            gateway.close();
            throw e;
        }
        LOG.info("The gateway listens on {}, its metrics are at {}/metrics", gateway.uri(), gateway.adminUri());
        return gateway;
    }

    public URI uri() {
        return URI.create("http://" + settings.host() + ":" + server.activeLocalPort());
    }

    public URI adminUri() {
        return URI.create("http://" + settings.adminHost() + ":" + admin.activeLocalPort());
    }

    public boolean isReady() {
        return routes.current().isPresent() && !draining;
    }

    /** What is bound, for the test that walks it. */
    Server boundRoutes() {
        return server;
    }

    private Server server() {
        ServerBuilder builder = Server.builder()
                .http(new InetSocketAddress(settings.host(), settings.port()))
                .workerGroup(eventLoops, false)
                .maxNumConnections(settings.maxConnections())
                .idleTimeout(settings.patience())
                .requestTimeout(settings.patience())
                .http1MaxInitialLineLength(LONGEST_URL)
                .http1MaxHeaderSize(LARGEST_HEADERS)
                .http2MaxHeaderListSize(LARGEST_HEADERS)
                .gracefulShutdownTimeout(DRAIN_QUIET, settings.drain())
                .disableServerHeader()
                .errorHandler(new ProblemAnswers());
        HttpService controlPlane = new ControlPlaneProxy(settings, clients);
        for (PublicRoute route : PublicRoute.values()) {
            HttpService service = switch (route) {
                case PREDICT -> PredictionChain.before(predictions(), routes, limits);
                case EVENTS -> PredictionChain.before(events(), routes, limits);
                case API, CONSOLE -> controlPlane;
                case OBJECTS -> new ObjectStoreProxy(settings, clients);
                case LIVE -> HealthService.of(() -> true);
                case READY -> HealthService.of(this::isReady);
            };
            bind(builder, route, service);
        }
        return builder.build();
    }

    private HttpService predictions() {
        return new PredictionService(
                workers, bodies, settings.serviceCredential(), settings.predictionTimeout(), metrics.registry());
    }

    private HttpService events() {
        return new EventService(
                settings.controlPlane(), clients, settings.serviceCredential(), bodies, settings.predictionTimeout());
    }

    private void bind(ServerBuilder builder, PublicRoute route, HttpService service) {
        long maxBody = switch (route) {
            // What they may send is for the servers behind to say.
            case API, OBJECTS -> 0;
            case PREDICT -> settings.maxPredictionBytes();
            case EVENTS -> EventKind.MOST_BYTES;
            case CONSOLE, LIVE, READY -> 1024;
        };
        route.routes()
                .forEach(pattern -> builder.route()
                        .addRoute(pattern)
                        .maxRequestLength(maxBody)
                        .build(new Edge(service, route, metrics.registry())));
    }

    private Server admin() {
        return Server.builder()
                .http(new InetSocketAddress(settings.adminHost(), settings.adminPort()))
                .workerGroup(eventLoops, false)
                .disableServerHeader()
                .errorHandler(new ProblemAnswers())
                .service("/metrics", metrics.page())
                .service("/health/live", HealthService.of(() -> true))
                .service("/health/ready", HealthService.of(this::isReady))
                .build();
    }

    private void observe(MeterRegistry meters) {
        Gauge.builder("espalier.gateway.control.plane.connected", () -> routeTable.isConnected() ? 1 : 0)
                .description("1 while the route table's stream is alive")
                .register(meters);
        Gauge.builder(
                        "espalier.gateway.route.table.version",
                        () -> routes.current()
                                .map(index -> index.table().version())
                                .orElse(0L))
                .register(meters);
        Gauge.builder("espalier.gateway.workers.up", workers::up)
                .description("Inference workers that answer their health check")
                .register(meters);
        Gauge.builder("espalier.gateway.connections", server, Server::numConnections)
                .register(meters);
    }

    /** Stops being ready, takes no new connections, finishes what it has, and frees everything. */
    @Override
    public void close() {
        LOG.info("Draining");
        draining = true;
        routeTable.close();
        // Together: each takes two seconds for nothing.
        CompletableFuture.allOf(server.stop(), admin.stop()).join();
        clients.close();
        eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        metrics.close();
        LOG.info("Stopped");
    }
}
