package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * How large one file may be.
 *
 * @param refusal what is said of a larger one, with a place for the number
 */
public record UploadLimit(long bytes, String refusal) {
    /** @throws ProblemException PAYLOAD_TOO_LARGE */
    public void check(long actual) {
        if (actual > bytes) {
            throw new ProblemException(ProblemType.PAYLOAD_TOO_LARGE, refusal.formatted(bytes));
        }
    }

    public Counted limit(InputStream content) {
        return new Counted(content);
    }

    /** Counts what is read, and ends with a {@link ProblemException} where it becomes too much. Not thread-safe. */
    public final class Counted extends FilterInputStream {
        private long bytes;

        private Counted(InputStream content) {
            super(content);
        }

        public long bytes() {
            return bytes;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                check(++bytes);
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                bytes += read;
                check(bytes);
            }
            return read;
        }
    }
}
