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

    /** Counts an attempt as failed until {@link #succeeded} takes it back. */
    synchronized void admit(String email, String address) {
        count(pair(email, address), FAILURES_OF_PAIR);
        count(address, FAILURES_OF_ADDRESS);
    }

    synchronized void succeeded(String email, String address) {
        failures.remove(pair(email, address));
        failures.computeIfPresent(
                address, (key, seen) -> seen.count() <= 1 ? null : new Failures(seen.since(), seen.count() - 1));
    }

    private void count(String key, int allowed) {
        Instant now = Instant.now();
        Failures seen = failures.get(key);
        if (seen == null || seen.since().plus(WINDOW).isBefore(now)) {
            seen = new Failures(now, 0);
        }
        if (seen.count() >= allowed) {
            long seconds =
                    Math.max(1, Duration.between(now, seen.since().plus(WINDOW)).toSeconds());
            throw ProblemException.passing(
                    ProblemType.RATE_LIMITED,
                    "There were too many failed logins; please try again in %d minutes.".formatted(seconds / 60 + 1),
                    Duration.ofSeconds(seconds));
        }
        failures.put(key, new Failures(seen.since(), seen.count() + 1));
    }

    private static String pair(String email, String address) {
        return email.strip().toLowerCase(Locale.ROOT) + " " + address;
    }
}
