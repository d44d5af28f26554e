package io.espalier.gateway;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.RoutingContext;
import io.espalier.contracts.task.Tasks;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Every route that the outside can reach. There is no other way in: {@link Gateway} binds these and nothing else, and
 * whatever matches none of them is 404.
 */
public enum PublicRoute {
    PREDICT(Access.API_KEY, EnumSet.of(HttpMethod.POST), "/v1/products/{product}/predict"),
    EVENTS(
            Access.API_KEY,
            EnumSet.of(HttpMethod.POST),
            "regex:^/v1/products/(?<product>[^/]+)/(?<kind>" + String.join("|", Tasks.eventKinds()) + ")$"),
    API(
            Access.CONTROL_PLANE,
            EnumSet.of(
                    HttpMethod.GET,
                    HttpMethod.HEAD,
                    HttpMethod.POST,
                    HttpMethod.PUT,
                    HttpMethod.PATCH,
                    HttpMethod.DELETE),
            "prefix:/api"),
    CONSOLE(
            Access.OPEN,
            EnumSet.of(HttpMethod.GET, HttpMethod.HEAD),
            "exact:/",
            "exact:/index.html",
            "exact:/style.css",
            "exact:/favicon.ico",
            "prefix:/assets"),
    OBJECTS(Access.PRESIGNED, EnumSet.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.PUT), "regex:^/objects/[^/]+/.+$"),
    LIVE(Access.OPEN, EnumSet.of(HttpMethod.GET, HttpMethod.HEAD), "exact:/health/live"),
    READY(Access.OPEN, EnumSet.of(HttpMethod.GET, HttpMethod.HEAD), "exact:/health/ready");

    /** Who may come in, and who decides it. */
    public enum Access {
        /** The gateway, by an API key of a tenant. */
        API_KEY,
        /** The control plane, by session, API key or operator credential. */
        CONTROL_PLANE,
        /** The object store, by the signature in the URL; the gateway insists that there is one. */
        PRESIGNED,
        /** Everybody. */
        OPEN
    }

    private final Access access;
    private final Set<HttpMethod> methods;
    private final List<String> paths;

    PublicRoute(Access access, Set<HttpMethod> methods, String... paths) {
        this.access = access;
        this.methods = Set.copyOf(methods);
        this.paths = List.of(paths);
    }

    public Access access() {
        return access;
    }

    /** What the server binds, one a path pattern. */
    public List<Route> routes() {
        return paths.stream()
                .map(path -> Route.builder().path(path).methods(methods).build())
                .toList();
    }

    /** The methods that a request's path knows; empty where no route has the path. */
    public static Set<HttpMethod> methodsAt(RoutingContext request) {
        return Arrays.stream(values())
                .filter(route -> route.paths.stream()
                        .anyMatch(path -> Route.builder()
                                .path(path)
                                .build()
                                .apply(request, false)
                                .isPresent()))
                .flatMap(route -> route.methods.stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(HttpMethod.class)));
    }
}
