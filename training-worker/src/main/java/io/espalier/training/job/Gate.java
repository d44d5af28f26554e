package io.espalier.training.job;

import io.espalier.contracts.job.ExportedModel.Bundle;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Chooses the bundle that serves: the smallest of those that lose at most half a point of the primary metric against the
 * reference.
 */
final class Gate {
    /** Of the primary metric, where 1 is perfect. */
    static final double MOST_LOSS = 0.005;

    /** Metrics are ratios of counts: their differences are not exact. */
    private static final double ROUNDING = 1e-9;

    private Gate() {}

    /** @param metrics on the validation split; {@code accuracy} is always there */
    record Measured(Bundle bundle, Map<String, Double> metrics) {}

    /** @param primary the metric that decided, by precision */
    record Verdict(Measured chosen, Map<String, Double> primary, String reason) {}

    private record Candidate(Measured measured, double value) {
        Bundle bundle() {
            return measured.bundle();
        }

        String precision() {
            return bundle().precision();
        }
    }

    /**
     * @param primaryMetric higher is better; where it is not defined, as ROC-AUC on one label only, accuracy decides
     * @param measured one at least, the reference first
     */
    static Verdict decide(String primaryMetric, List<Measured> measured) {
        String metric = measured.stream().allMatch(one -> one.metrics().containsKey(primaryMetric))
                ? primaryMetric
                : "accuracy";
        List<Candidate> candidates = measured.stream()
                .map(one -> new Candidate(one, one.metrics().getOrDefault(metric, 0.0)))
                .toList();
        Candidate reference = candidates.getFirst();
        Candidate chosen = reference;
        for (Candidate candidate : candidates) {
            boolean good = reference.value - candidate.value <= MOST_LOSS + ROUNDING;
            if (good && candidate.bundle().bytes() < chosen.bundle().bytes()) {
                chosen = candidate;
            }
        }
        Map<String, Double> primary = new LinkedHashMap<>();
        candidates.forEach(candidate -> primary.put(candidate.precision(), candidate.value));
        return new Verdict(chosen.measured, primary, reason(metric, candidates, reference, chosen));
    }

    private static String reason(String metric, List<Candidate> candidates, Candidate reference, Candidate chosen) {
        StringBuilder reason = new StringBuilder(
                format("%s serves: its %s on the validation split is %.4f", chosen.precision(), metric, chosen.value));
        if (candidates.size() == 1) {
            return reason.append(", and the task has no other precision.").toString();
        }
        if (!chosen.equals(reference)) {
            return reason.append(format(
                            " against %.4f of %s, %s, and it takes %.1f MB instead of %.1f MB.",
                            reference.value,
                            reference.precision(),
                            loss(reference, chosen),
                            chosen.bundle().bytes() / 1e6,
                            reference.bundle().bytes() / 1e6))
                    .toString();
        }
        for (Candidate rejected : candidates.subList(1, candidates.size())) {
            reason.append(format("; %s has %.4f, %s", rejected.precision(), rejected.value, loss(reference, rejected)));
        }
        return reason.append('.').toString();
    }

    private static String loss(Candidate reference, Candidate other) {
        double points = 100 * (reference.value - other.value);
        return points > 0 ? format("a loss of %.2f points where %.2f are allowed", points, 100 * MOST_LOSS) : "no loss";
    }

    private static String format(String pattern, Object... figures) {
        return String.format(Locale.ROOT, pattern, figures);
    }
}
