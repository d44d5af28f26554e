package io.espalier.training.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this worker was built from, as the build left it in {@code espalier-build.properties}. */
final class CodeVersion {
    static final String CURRENT = read();

    private CodeVersion() {}

    private static String read() {
        Properties build = new Properties();
        try (InputStream in = CodeVersion.class.getResourceAsStream("/espalier-build.properties")) {
            if (in == null) {
                throw new IllegalStateException("The build has left no espalier-build.properties.");
            }
            build.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String version = build.getProperty("version");
        String commit = build.getProperty("commit");
        // Without the property the filter leaves its placeholder.
        return commit.isBlank() || commit.startsWith("$") ? version : version + "+" + commit;
    }
}
