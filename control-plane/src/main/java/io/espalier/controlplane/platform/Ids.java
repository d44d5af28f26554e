package io.espalier.controlplane.platform;

import java.security.SecureRandom;
import java.util.UUID;

/** New ids: UUID version 7 (RFC 9562, section 5.7). They grow with time, so ordering by id is ordering by age. */
public final class Ids {
    /** Greater than every id; where a list begins. */
    public static final UUID LAST = new UUID(-1, -1);

    /** The id of nothing. What a path has in an id's place and is none is read as this, so it answers as a missing one. */
    public static final UUID NONE = new UUID(0, 0);

    private static final SecureRandom RANDOM = new SecureRandom();
    private static long lastTick;

    private Ids() {}

    /** @return an id greater than all that this process has made before */
    public static UUID next() {
        long tick = tick();
        long millis = tick >>> 12;
        long high = millis << 16 | 0x7000 | tick & 0xfff;
        long low = RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    /** @return {@link #NONE} where the text is no id */
    static UUID read(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return NONE;
        }
    }

    /** Milliseconds with 12 bits of a counter below them, the monotonic method 1 of section 6.2. */
    private static synchronized long tick() {
        lastTick = Math.max(lastTick + 1, System.currentTimeMillis() << 12);
        return lastTick;
    }
}
