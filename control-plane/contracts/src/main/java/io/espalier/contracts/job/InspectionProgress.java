package io.espalier.contracts.job;

/**
 * What an inspection that takes a while does just now; sent by the training worker to
 * {@code POST /internal/dataset-versions/{tenant}/{version}/progress}. May be lost or repeated: nothing but display depends on it.
 *
 * @param reportKey of the {@link InspectionSpec}: a version may be inspected again
 */
public record InspectionProgress(String reportKey, String message) {}
