package io.espalier.contracts.job;

import java.util.Map;

/**
 * Which bundle serves.
 *
 * @param validationMetrics the primary metric on the validation split, by precision
 * @param reason in the user's words
 */
public record GateDecision(ExportedModel.Bundle chosen, Map<String, Double> validationMetrics, String reason) {}
