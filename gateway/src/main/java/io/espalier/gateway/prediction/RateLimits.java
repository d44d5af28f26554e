package io.espalier.gateway.prediction;

import io.espalier.contracts.route.RouteTable;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * A token bucket for each API key: holds the requests of one minute, full at first, and refills evenly. Each gateway counts
 * for itself, so that a key's rate is multiplied by the number of gateways. Thread-safe.
 */
public final class RateLimits {
    static final Duration WINDOW = Duration.ofMinutes(1);

    private record Limited(int requestsPerMinute, Bucket bucket) {}

    private final Map<UUID, Limited> byKey = new ConcurrentHashMap<>();
    private final TimeMeter clock;

    public RateLimits(TimeMeter clock) {
        this.clock = clock;
    }

    /** Takes one request from the key's bucket, if there is one left. A key whose rate was changed starts with a full bucket. */
    ConsumptionProbe take(RouteTable.ApiKey key) {
        Limited limited = byKey.compute(
                key.key(),
                (_, known) -> known != null && known.requestsPerMinute() == key.requestsPerMinute()
                        ? known
                        : new Limited(key.requestsPerMinute(), bucket(key.requestsPerMinute())));
        return limited.bucket().tryConsumeAndReturnRemaining(1);
    }

    /** Forgets the buckets of keys that are gone. */
    public void follow(RouteTable table) {
        Set<UUID> valid = table.keys().stream().map(RouteTable.ApiKey::key).collect(Collectors.toSet());
        byKey.keySet().retainAll(valid);
    }

    private Bucket bucket(int requestsPerMinute) {
        int rate = Math.max(1, requestsPerMinute);
        return Bucket.builder()
                .addLimit(Bandwidth.builder()
                        .capacity(rate)
                        .refillGreedy(rate, WINDOW)
                        .build())
                .withCustomTimePrecision(clock)
                .build();
    }
}
