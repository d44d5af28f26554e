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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The file that the demo trains on: the user's, or the one of the task that ships with the project.
 *
 * @param name what the dataset calls it
 * @param title of the dataset and the product
 * @param columns what is not to be guessed
 */
record DemoFile(String name, String title, Columns columns, Supplier<BodyPublisher> content) {
    private static final int LONGEST_SLUG = 18;
    private static final String MESSAGES = "/demo/shop-messages.csv";
    private static final Map<String, DemoFile> SHIPPED = Map.of(
            TextClassification.NAME,
            new DemoFile(
                    "shop-messages.csv",
                    "shop-messages",
                    new Columns("text", "intent", "split"),
                    () -> BodyPublishers.ofInputStream(
                            () -> Objects.requireNonNull(DemoFile.class.getResourceAsStream(MESSAGES), MESSAGES))),
            TabularClassification.NAME,
            new DemoFile(
                    "shop-customers.csv",
                    "shop-customers",
                    new Columns(null, "bought_again", null),
                    () -> BodyPublishers.ofByteArray(ShopCustomers.csv())),
            ImageClassification.NAME,
            new DemoFile(
                    "shop-pictures.zip",
                    "shop-pictures",
                    new Columns(null, null, null),
                    () -> BodyPublishers.ofByteArray(ShopPictures.zip())),
            Recommendation.NAME,
            new DemoFile(
                    "shop-visits.csv",
                    "shop-visits",
                    new Columns(null, null, null),
                    () -> BodyPublishers.ofByteArray(ShopVisits.csv())));

    /** Names of columns; what is null is guessed. */
    record Columns(
            @Nullable String text,
            @Nullable String label,
            @Nullable String split) {}

    static DemoFile of(DemoData data) {
        Path file = data.file();
        if (file == null) {
            return Objects.requireNonNull(SHIPPED.get(data.task()), () -> "No file ships for " + data.task());
        }
        String name = file.getFileName().toString();
        int dot = name.indexOf('.', 1);
        String stem = slug(dot < 0 ? name : name.substring(0, dot), "demo");
        // Two labels of one file make two products.
        String title = data.label() == null ? stem : stem + "-" + slug(data.label(), "label");
        return new DemoFile(name, title, new Columns(data.text(), data.label(), data.split()), () -> {
            try {
                return BodyPublishers.ofFile(file);
            } catch (FileNotFoundException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** As products are named in URLs; short enough for two of them and a task. */
    private static String slug(String text, String otherwise) {
        String words = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String slug = words.substring(0, Math.min(words.length(), LONGEST_SLUG)).replaceAll("^-|-$", "");
        return slug.isEmpty() ? otherwise : slug;
    }

    BodyPublisher publisher() {
        return content.get();
    }
}
