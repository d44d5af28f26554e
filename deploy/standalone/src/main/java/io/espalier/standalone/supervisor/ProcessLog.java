package io.espalier.standalone.supervisor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * {@code logs/NAME.log}: what a process prints, with its name on every line. One older file is kept. A line that cannot be
 * written, on a full disk above all, is lost: nobody may stand still for it. Thread-safe.
 */
final class ProcessLog implements AutoCloseable {
    private static final long LONGEST_BYTES = 50L << 20;

    private final String name;
    private final Path file;
    private String lastWords = "";
    private @Nullable Writer writer;
    private long bytes;

    ProcessLog(Path folder, String name) {
        this.name = name;
        this.file = folder.resolve(name + ".log");
        try {
            this.bytes = Files.exists(file) ? Files.size(file) : 0;
            this.writer = open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies the stream until it ends. */
    void copy(InputStream output) {
        try (var reader = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                write(line);
            }
        } catch (IOException _) {
            // The process was killed in the middle of a line.
        }
    }

    synchronized void write(String line) {
        try {
            if (bytes > LONGEST_BYTES) {
                close();
                Files.move(file, file.resolveSibling(name + ".1.log"), StandardCopyOption.REPLACE_EXISTING);
                bytes = 0;
            }
            Writer out = writer == null ? open() : writer;
            writer = out;
            out.write(name + " | " + line + "\n");
            out.flush();
            bytes += name.length() + 4L + line.length();
        } catch (IOException _) {
            // With what it still holds; the next line opens the file again.
            close();
        }
        // A stack trace says what went wrong in its first line, and where in the rest.
        if (!line.isBlank() && !Character.isWhitespace(line.charAt(0))) {
            lastWords = line;
        }
    }

    /** @return the last line that is not indented, to be shown when the process has died; empty if there was none */
    synchronized String lastWords() {
        return lastWords;
    }

    Path file() {
        return file;
    }

    private Writer open() throws IOException {
        return Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public synchronized void close() {
        try (Writer _ = writer) {
            writer = null;
        } catch (IOException _) {
            // The end of the last line is lost.
        }
    }
}
