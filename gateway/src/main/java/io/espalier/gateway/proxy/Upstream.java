package io.espalier.gateway.proxy;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.WebClientBuilder;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.util.ReleasableHolder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.URI;
import java.time.Duration;

/** How this gateway talks to the servers behind it: HTTP/1.1 with kept connections, on the event loop of the request. */
public final class Upstream {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** Shorter than any server behind keeps a connection, so that few are closed under a request. */
    private static final Duration IDLE = Duration.ofSeconds(8);

    private Upstream() {}

    /** @param eventLoops the server's own, so that a request and its upstream half never change threads */
    public static ClientFactory clients(EventLoopGroup eventLoops) {
        return ClientFactory.builder()
                .workerGroup(eventLoops, false)
                .eventLoopSchedulerFactory(group -> (_, _, _) -> hold(currentEventLoop(group)))
                .connectTimeout(CONNECT_TIMEOUT)
                .idleTimeout(IDLE)
                .build();
    }

    public static WebClientBuilder client(URI server, ClientFactory clients) {
        SessionProtocol protocol = "https".equals(server.getScheme()) ? SessionProtocol.H1 : SessionProtocol.H1C;
        return WebClient.builder(protocol.uriText() + "://" + server.getAuthority())
                .factory(clients);
    }

    private static EventLoop currentEventLoop(EventLoopGroup group) {
        ServiceRequestContext current = ServiceRequestContext.currentOrNull();
        return current == null ? group.next() : current.eventLoop().withoutContext();
    }

    private static ReleasableHolder<EventLoop> hold(EventLoop eventLoop) {
        return new ReleasableHolder<>() {
            @Override
            public EventLoop get() {
                return eventLoop;
            }

            @Override
            public void release() {
                // Nothing was taken: the event loop is the server's.
            }
        };
    }
}
