package io.espalier.contracts.job;

/**
 * The summary of an inspection; the whole report is at the spec's {@code reportKey}.
 *
 * @param contentHash SHA-256, lower-case hex, over the parts' bytes in the order of their names
 */
public record InspectionOutcome(boolean trainable, long rows, long rowsUsed, String contentHash) {}
