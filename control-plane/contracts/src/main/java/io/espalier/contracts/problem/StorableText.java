package io.espalier.contracts.problem;

import java.nio.charset.StandardCharsets;

/** What PostgreSQL keeps of texts: all but U+0000 and halves of surrogate pairs. */
public final class StorableText {
    private StorableText() {}

    public static boolean is(String text) {
        return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }
}
