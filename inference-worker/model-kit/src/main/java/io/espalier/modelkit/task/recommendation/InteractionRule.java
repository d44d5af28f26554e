package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.recommendation.Recommendation;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which interactions count: those that a model learns from, and those that it follows while it serves.
 *
 * @param smallestValue null where values do not matter
 * @param types empty where they do not matter
 */
public record InteractionRule(@Nullable Double smallestValue, Set<String> types) {
    static final InteractionRule ANY = new InteractionRule(null, Set.of());

    public InteractionRule {
        types = Set.copyOf(types);
    }

    /** As a training was asked for. */
    public static InteractionRule of(Map<String, Object> hyperparameters) {
        return new InteractionRule(
                hyperparameters.get(Recommendation.SMALLEST_VALUE) instanceof Number number
                        ? number.doubleValue()
                        : null,
                Set.copyOf(Hyperparameter.wordsOf(hyperparameters.get(Recommendation.TYPES))));
    }

    /** @param value NaN where there is none */
    public boolean allowsValue(double value) {
        return smallestValue == null || value >= smallestValue;
    }

    public boolean allowsType(@Nullable String type) {
        return types.isEmpty() || type != null && types.contains(type);
    }
}
