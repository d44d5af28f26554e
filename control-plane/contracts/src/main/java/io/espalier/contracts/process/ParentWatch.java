package io.espalier.contracts.process;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this process when the one that started it is gone, even by {@code kill -9}: standard input is then a pipe from the
 * parent to which nobody writes, and it closes. Only where {@link #VARIABLE} is {@code true}.
 */
public final class ParentWatch {
    public static final String VARIABLE = "ESPALIER_EXIT_ON_STDIN_CLOSE";

    private ParentWatch() {}

    /** To be called first thing in {@code main}; returns at once. */
    public static void start() {
        if (Boolean.parseBoolean(System.getenv(VARIABLE))) {
            Thread.ofPlatform().name("parent-watch").daemon().start(() -> {
                awaitEnd(System.in);
                System.err.println("The parent process is gone; this one ends.");
                System.exit(0);
            });
        }
    }

    private static void awaitEnd(InputStream in) {
        try {
            while (in.read() >= 0) {
                // What is written does not matter.
            }
        } catch (IOException _) {
            // A broken pipe is a closed one.
        }
    }
}
