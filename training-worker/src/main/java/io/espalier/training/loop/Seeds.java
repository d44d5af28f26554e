package io.espalier.training.loop;

/** One seed a purpose and position, out of the job's: nothing random depends on what was drawn before it. */
final class Seeds {
    static final int ORDER = 1;
    static final int STEP = 2;
    static final int AUGMENTATION = 3;

    private Seeds() {}

    /** Mixes as SplitMix64 does (Steele, Lea and Flood 2014). Not negative. */
    static long of(long seed, int purpose, long position) {
        return mixed(mixed(mixed(seed) + purpose) + position) >>> 1;
    }

    private static long mixed(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
