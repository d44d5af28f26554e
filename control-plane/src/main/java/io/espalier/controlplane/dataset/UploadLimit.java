package io.espalier.controlplane.dataset;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.process.Settings;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.util.unit.DataSize;

/** How large one part may be. */
record UploadLimit(DataSize size) {
    /** A size as Spring reads it: {@code 500MB}, {@code 5GB}. */
    static final String SETTING = "ESPALIER_UPLOAD_LIMIT";

    static UploadLimit of(Settings settings) {
        return new UploadLimit(DataSize.parse(settings.get(SETTING, "5GB")));
    }

    /** @throws ProblemException PAYLOAD_TOO_LARGE */
    void check(long bytes) {
        if (bytes > size.toBytes()) {
            throw new ProblemException(
                    ProblemType.PAYLOAD_TOO_LARGE,
                    "A part may have up to %,d bytes; divide larger files into several parts."
                            .formatted(size.toBytes()));
        }
    }

    Counted limit(InputStream content) {
        return new Counted(content);
    }

    /** Counts what is read, and ends with a {@link ProblemException} where it becomes too much. Not thread-safe. */
    final class Counted extends FilterInputStream {
        private long bytes;

        private Counted(InputStream content) {
            super(content);
        }

        long bytes() {
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
