package io.espalier.controlplane.tenancy.web;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Slows down the guessing of passwords: ten failures within a quarter of an hour for an email address from a network
 * address, and a hundred from a network address whomever they name. A success forgets the failures of its pair. Counted in
 * this process: with several replicas, each allows as many. Thread-safe.
 */
@Component
class LoginThrottle {
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int FAILURES_OF_PAIR = 10;
    private static final int FAILURES_OF_ADDRESS = 100;
    /** What an attacker can make us remember. */
    private static final int LONGEST_MEMORY = 100_000;

    private record Failures(Instant since, int count) {}

    private final Map<String, Failures> failures = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > LONGEST_MEMORY;
        }
    };

    /**
     * Counts an attempt as failed until {@link #succeeded} takes it back. A refused attempt is not remembered: so an address
     * makes us keep a hundred pairs and no more.
     *
     * @param who an email address of bounded length, or whatever else names the member
     */
    synchronized void admit(String who, String address) {
        check(address, FAILURES_OF_ADDRESS);
        check(pair(who, address), FAILURES_OF_PAIR);
        count(address);
        count(pair(who, address));
    }

    synchronized void succeeded(String who, String address) {
        failures.remove(pair(who, address));
        failures.computeIfPresent(
                address, (key, seen) -> seen.count() <= 1 ? null : new Failures(seen.since(), seen.count() - 1));
    }

    private void check(String key, int allowed) {
        Instant now = Instant.now();
        Failures seen = recent(key, now);
        if (seen.count() >= allowed) {
            long seconds =
                    Math.max(1, Duration.between(now, seen.since().plus(WINDOW)).toSeconds());
            throw ProblemException.passing(
                    ProblemType.RATE_LIMITED,
                    "There were too many wrong passwords; please try again in %d minutes.".formatted(seconds / 60 + 1),
                    Duration.ofSeconds(seconds));
        }
    }

    private void count(String key) {
        Failures seen = recent(key, Instant.now());
        failures.put(key, new Failures(seen.since(), seen.count() + 1));
    }

    private Failures recent(String key, Instant now) {
        Failures seen = failures.get(key);
        return seen == null || seen.since().plus(WINDOW).isBefore(now) ? new Failures(now, 0) : seen;
    }

    private static String pair(String who, String address) {
        return who.strip().toLowerCase(Locale.ROOT) + " " + address;
    }
}
