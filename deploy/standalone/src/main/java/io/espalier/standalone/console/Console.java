package io.espalier.standalone.console;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the user sees: lines, and on a terminal one line at the bottom that is rewritten in place. Everything but that line
 * goes to {@code logs/launcher.log} too, as long as that can be written. Thread-safe.
 */
public final class Console {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out = System.out;
    private final boolean terminal;
    private final @Nullable Path log;
    private String status = "";

    public Console(@Nullable Path log) {
        this.log = log;
        // Since JDK 22 there is a console even where nobody looks at it.
        var console = System.console();
        this.terminal = console != null && console.isTerminal();
    }

    public boolean isTerminal() {
        return terminal;
    }

    public void line(String text) {
        show(text, text);
    }

    /** A line with a secret in it: the log gets it without. */
    public void line(String text, String secret) {
        show(text, text.replace(secret, "…"));
    }

    /** For the log alone. */
    public synchronized void log(Throwable problem) {
        StringWriter trace = new StringWriter();
        problem.printStackTrace(new PrintWriter(trace));
        write(trace.toString());
    }

    private synchronized void show(String text, String logged) {
        write(logged);
        out.println((status.isEmpty() ? "" : CLEAR_LINE) + text);
        out.print(status);
        out.flush();
    }

    /** An event of one process. */
    public void event(String process, String text) {
        line("%-17s %s".formatted(process, text));
    }

    /** Rewrites the line at the bottom; an empty text takes it away. Does nothing where there is no terminal. */
    public synchronized void status(String text) {
        if (terminal && (!text.isEmpty() || !status.isEmpty())) {
            status = text;
            out.print(CLEAR_LINE + text);
            out.flush();
        }
    }

    private void write(String text) {
        if (log == null) {
            return;
        }
        try {
            Files.writeString(
                    log,
                    Instant.now().truncatedTo(ChronoUnit.MILLIS) + " launcher | " + text + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException _) {
            // A full disk: whoever speaks, the supervisor above all, goes on.
        }
    }
}
