package io.espalier.standalone.demo;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * The file that the demo trains on: the user's, or the one that ships with the project.
 *
 * @param name what the dataset calls it
 * @param title of the dataset and the product
 */
record DemoFile(DemoData data, String name, String title) {
    private static final int LONGEST_SLUG = 18;
    private static final String SHIPPED = "/demo/shop-messages.csv";

    static DemoFile of(DemoData data) {
        Path file = data.file();
        if (file == null) {
            return new DemoFile(data, "shop-messages.csv", "shop-messages");
        }
        String name = file.getFileName().toString();
        int dot = name.indexOf('.', 1);
        String stem = dot < 0 ? name : name.substring(0, dot);
        // Two labels of one file make two products.
        return new DemoFile(data, name, slug(stem, "demo") + "-" + slug(String.valueOf(data.label()), "label"));
    }

    /** As products are named in URLs; short enough for two of them and a task. */
    private static String slug(String text, String otherwise) {
        String words = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String slug = words.substring(0, Math.min(words.length(), LONGEST_SLUG)).replaceAll("^-|-$", "");
        return slug.isEmpty() ? otherwise : slug;
    }

    BodyPublisher publisher() {
        Path file = data.file();
        if (file == null) {
            return BodyPublishers.ofInputStream(
                    () -> Objects.requireNonNull(DemoFile.class.getResourceAsStream(SHIPPED), SHIPPED));
        }
        try {
            return BodyPublishers.ofFile(file);
        } catch (FileNotFoundException e) {
            throw new UncheckedIOException(e);
        }
    }
}
