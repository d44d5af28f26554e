package io.espalier.standalone.demo;

import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * What {@code --report} writes.
 *
 * @param metrics on the test split, measured on the artifact that serves
 * @param rows used, by split: {@code train}, {@code validation}, {@code test}
 * @param seconds by stage, and {@code total} from the upload to the first answer
 * @param answer to the request that the demo printed
 */
record DemoReport(
        String task,
        Map<String, Double> metrics,
        Artifact artifact,
        Training training,
        Map<String, Long> rows,
        Map<String, Double> seconds,
        String predictUrl,
        String apiKey,
        JsonNode answer,
        String baseUrl,
        UUID tenant,
        UUID product,
        String productSlug,
        UUID dataset,
        UUID datasetVersion,
        UUID job,
        long modelVersion) {

    /** @param precision {@code fp32} or {@code int8} */
    record Artifact(String precision, long bytes) {}

    /**
     * How the training went.
     *
     * @param validationMetric the task's primary metric in the best epoch, before export
     * @param samplesPerSecond checkpoints counted, validation not
     */
    record Training(String precision, long seed, int epochs, double validationMetric, double samplesPerSecond) {}
}
