package io.espalier.gateway.health;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import java.util.function.BooleanSupplier;

/** {@code {"status": "UP"}} with 200, or {@code {"status": "DOWN"}} with 503. */
public final class HealthService {
    private HealthService() {}

    public static HttpService of(BooleanSupplier healthy) {
        return (_, _) -> healthy.getAsBoolean()
                ? HttpResponse.of(HttpStatus.OK, MediaType.JSON, "{\"status\":\"UP\"}")
                : HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE, MediaType.JSON, "{\"status\":\"DOWN\"}");
    }
}
