package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.ProblemException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** Cursors are opaque to callers: the id of the last item shown. */
final class Cursors {
    private Cursors() {}

    static String write(UUID last) {
        ByteBuffer bytes =
                ByteBuffer.allocate(16).putLong(last.getMostSignificantBits()).putLong(last.getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    static UUID read(String cursor) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
            return new UUID(bytes.getLong(), bytes.getLong());
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw ProblemException.invalidField("cursor", "must be the nextCursor of an earlier page");
        }
    }
}
