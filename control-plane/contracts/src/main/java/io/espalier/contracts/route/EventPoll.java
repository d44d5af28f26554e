package io.espalier.contracts.route;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * What an inference worker asks the control plane again and again ({@code POST}, see {@link #path}): what has happened to the
 * products whose models it serves. The answer comes as soon as there is something, or empty after {@link #PATIENCE}; to a worker that
 * follows nothing, at once. To ask is to acknowledge: all answers that begin from then on follow the events that the positions say.
 *
 * @param most events of one product; where more wait, the oldest are passed over
 * @param positions one a product
 */
public record EventPoll(int most, List<Position> positions) {
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    public EventPoll {
        positions = List.copyOf(positions);
    }

    public static String path(String worker) {
        return "/internal/inference-workers/" + URLEncoder.encode(worker, StandardCharsets.UTF_8) + "/events";
    }

    /** Where the gateway brings events to: {@code POST}, with the caller's body. */
    public static String storePath(UUID tenant, UUID product, String kind) {
        return "/internal/tenants/" + tenant + "/products/" + product + "/events/" + kind;
    }

    /**
     * How far a worker is.
     *
     * @param after the number of the last event that the worker has taken; 0 before the first
     * @param pending of each kind of which answers do not follow all of these yet, the number of the first that they do not
     */
    public record Position(UUID tenant, UUID product, long after, Map<String, Long> pending) {
        public Position {
            pending = Map.copyOf(Objects.requireNonNullElse(pending, Map.of()));
        }

        /** Whether answers follow an event of a kind. */
        public boolean follows(String kind, long sequence) {
            return after >= sequence && pending.getOrDefault(kind, Long.MAX_VALUE) > sequence;
        }
    }

    /** @param more whether there is more to ask for at once */
    public record Answer(List<Batch> batches, boolean more) {
        public Answer {
            batches = List.copyOf(batches);
        }
    }

    /** Events of one product, the oldest first. */
    public record Batch(UUID tenant, UUID product, List<Event> events) {
        public Batch {
            events = List.copyOf(events);
        }
    }

    /**
     * Something that happened.
     *
     * @param sequence grows by one in its product
     * @param body in the form that its kind's reader gave it
     */
    public record Event(long sequence, String kind, JsonNode body) {}
}
