package io.espalier.gateway.edge;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which paths are plain enough to be routed: those that every server behind the gateway reads in the same way. What one
 * server decodes, collapses or cuts off and another does not is how a request reaches a route that nobody opened, so such
 * paths match nothing. The set is that of Spring's strict firewall, behind which the control plane stands too.
 */
public final class Paths {
    private static final Pattern TWO_READINGS = Pattern.compile(
            "//|\\\\|;|/\\.{1,2}(/|$)|[^\\x21-\\x7e]|%(2e|2f|5c|3b|25|[01][0-9a-f]|7f)|%(?![0-9a-f]{2})");

    private Paths() {}

    /** @param target path and query as received; the query is whatever the server behind makes of it */
    public static boolean isPlain(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return path.startsWith("/")
                && !TWO_READINGS.matcher(path.toLowerCase(Locale.ROOT)).find();
    }
}
