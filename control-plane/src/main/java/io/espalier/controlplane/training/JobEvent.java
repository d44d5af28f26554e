package io.espalier.controlplane.training;

import java.util.Locale;

/**
 * Something that happened to a job.
 *
 * @param sequence counted from 1 in its job, without an order of commits in doubt: the job's row was locked
 * @param payload JSON, as it is sent
 */
public record JobEvent(long sequence, Type type, String payload) {
    /** What the payload is. */
    public enum Type {
        /** {@code {"at", "state", "reason"?}} */
        STATE,
        /** A progress report, and {@code at}. */
        PROGRESS;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
