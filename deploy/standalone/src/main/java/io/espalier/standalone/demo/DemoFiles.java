package io.espalier.standalone.demo;

import io.espalier.contracts.task.imageclassification.ImageClassification;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.contracts.task.textclassification.TextClassification;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The files that the demo trains on: the user's, or those of the task that ship with the project.
 *
 * @param title of the dataset and the product
 * @param columns what is not to be guessed
 * @param parts one at least
 */
record DemoFiles(String title, Columns columns, List<Part> parts) {
    private static final int LONGEST_SLUG = 18;
    private static final String MESSAGES = "/demo/shop-messages.csv";
    private static final Map<String, DemoFiles> SHIPPED = Map.of(
            TextClassification.NAME,
            new DemoFiles(
                    "shop-messages",
                    new Columns("text", "intent", "split"),
                    List.of(new Part(
                            "shop-messages.csv",
                            () -> BodyPublishers.ofInputStream(() ->
                                    Objects.requireNonNull(DemoFiles.class.getResourceAsStream(MESSAGES), MESSAGES))))),
            TabularClassification.NAME,
            new DemoFiles(
                    "shop-customers",
                    new Columns(null, "bought_again", null),
                    List.of(generated("shop-customers.csv", ShopCustomers::csv))),
            ImageClassification.NAME,
            new DemoFiles(
                    "shop-pictures",
                    new Columns(null, null, null),
                    List.of(generated("shop-pictures.zip", ShopPictures::zip))),
            Recommendation.NAME,
            new DemoFiles(
                    "shop-visits",
                    new Columns(null, null, null),
                    List.of(
                            generated("shop-visits.csv", ShopVisits::csv),
                            generated("shop-articles.csv", ShopVisits::articles))));

    /** @param name what the dataset calls it */
    record Part(String name, Supplier<BodyPublisher> content) {
        static Part of(Path file) {
            return new Part(file.getFileName().toString(), () -> {
                try {
                    return BodyPublishers.ofFile(file);
                } catch (FileNotFoundException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static Part generated(String name, Supplier<byte[]> bytes) {
        return new Part(name, () -> BodyPublishers.ofByteArray(bytes.get()));
    }

    /** Names of columns; what is null is guessed. */
    record Columns(
            @Nullable String text,
            @Nullable String label,
            @Nullable String split) {}

    static DemoFiles of(DemoData data) {
        if (data.files().isEmpty()) {
            return Objects.requireNonNull(SHIPPED.get(data.task()), () -> "No file ships for " + data.task());
        }
        String name = data.files().getFirst().getFileName().toString();
        int dot = name.indexOf('.', 1);
        String stem = slug(dot < 0 ? name : name.substring(0, dot), "demo");
        // Two labels of one file make two products.
        String title = data.label() == null ? stem : stem + "-" + slug(data.label(), "label");
        return new DemoFiles(
                title,
                new Columns(data.text(), data.label(), data.split()),
                data.files().stream().map(Part::of).toList());
    }

    /** As products are named in URLs; short enough for two of them and a task. */
    private static String slug(String text, String otherwise) {
        String words = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String slug = words.substring(0, Math.min(words.length(), LONGEST_SLUG)).replaceAll("^-|-$", "");
        return slug.isEmpty() ? otherwise : slug;
    }

    /** For a heading. */
    String names() {
        return parts.stream().map(Part::name).collect(Collectors.joining(" and "));
    }
}
