package io.espalier.contracts.job;

import io.espalier.contracts.dataset.Split;
import java.util.List;
import java.util.Map;

/**
 * The splits of a job, each an object of JSON Lines: {@code {"input": …, "label": "…"}}, the input in the shape of a
 * prediction request.
 *
 * @param labels in the order of the model's outputs
 */
public record PreparedData(Map<Split, String> objectKeys, Map<Split, Long> rows, List<String> labels) {}
