package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.bundle.InvalidBundleException;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Column;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is said of items, or of users, as numbers: texts through an encoder, categories and numbers side by side, each in a part of
 * its own that weighs as much as the others. A row is a list of cells in the order of the columns, null where nothing is said.
 *
 * @param texts columns that an encoder reads one after the other as one text
 * @param tokens that it reads of a text at most; 0 where there are no texts
 * @param textWidth of its vectors; 0 where there are no texts
 */
public record Features(
        List<Column> columns,
        List<Integer> texts,
        int tokens,
        int textWidth,
        List<Category> categories,
        List<Amount> amounts) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** Of a column; rarer ones say the same of fewer items than are asked for. */
    private static final int MOST_CATEGORIES = 500;
    /** Of all columns of categories; the square of what is said is computed. */
    private static final int MOST_CATEGORIES_IN_ALL = 3000;
    /** A number that is one standard deviation away differs as much as half a category does. */
    private static final float NUMBER_WEIGHT = 0.5f;

    private static final double MOST_DEVIATIONS = 3;

    public Features {
        columns = List.copyOf(columns);
        texts = List.copyOf(texts);
        categories = List.copyOf(categories);
        amounts = List.copyOf(amounts);
    }

    /** A column of categories, and where each that is known stands among the others. */
    public record Category(int column, Map<String, Integer> places) {
        public Category {
            places = Map.copyOf(places);
        }
    }

    /** A column of numbers. */
    public record Amount(int column, double mean, double deviation) {}

    /**
     * What the rows say, and how much of each.
     *
     * @param encoder of texts; without one they are not read
     */
    public static Features of(
            List<Column> columns, List<List<@Nullable String>> rows, @Nullable SentenceEncoder encoder) {
        List<Integer> texts = new ArrayList<>();
        List<Category> categories = new ArrayList<>();
        List<Amount> amounts = new ArrayList<>();
        long ofCategories = columns.stream()
                .filter(column -> column.kind() == Kind.CATEGORIES)
                .count();
        int most = (int) Math.min(MOST_CATEGORIES, MOST_CATEGORIES_IN_ALL / Math.max(1, ofCategories));
        for (int i = 0; i < columns.size(); i++) {
            switch (columns.get(i).kind()) {
                case TEXT -> texts.add(i);
                case CATEGORIES -> categories.add(new Category(i, places(rows, i, most)));
                case NUMBER -> amounts.add(amount(rows, i));
            }
        }
        return encoder == null || texts.isEmpty()
                ? new Features(columns, List.of(), 0, 0, categories, amounts)
                : new Features(columns, texts, encoder.tokens(), encoder.width(), categories, amounts);
    }

    private static Map<String, Integer> places(List<List<@Nullable String>> rows, int column, int most) {
        Map<String, Integer> counts = new HashMap<>();
        rows.forEach(row -> categories(row, column).forEach(category -> counts.merge(category, 1, Integer::sum)));
        Map<String, Integer> places = new LinkedHashMap<>();
        counts.entrySet().stream()
                .filter(count -> count.getValue() > 1)
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .forEach(count -> places.put(count.getKey(), places.size()));
        return places;
    }

    private static List<String> categories(List<@Nullable String> row, int column) {
        String cell = row.get(column);
        return cell == null ? List.of() : ItemAttributes.categories(cell);
    }

    private static Amount amount(List<List<@Nullable String>> rows, int column) {
        double[] known = rows.stream()
                .map(row -> row.get(column))
                .filter(cell -> cell != null)
                .mapToDouble(ItemAttributes::number)
                .filter(Double::isFinite)
                .toArray();
        double mean = Arrays.stream(known).average().orElse(0);
        double variance = Arrays.stream(known)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElse(0);
        return new Amount(column, mean, Math.sqrt(variance));
    }

    public static Features read(Path file) {
        try {
            return JSON.readValue(file, Features.class);
        } catch (JacksonException e) {
            throw new InvalidBundleException("The bundle's " + file.getFileName() + " cannot be read.", e);
        }
    }

    public void write(Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(this));
    }

    public int width() {
        return textWidth
                + categories.stream()
                        .mapToInt(category -> category.places.size())
                        .sum()
                + amounts.size();
    }

    /**
     * The numbers of some rows.
     *
     * @param encoder of the texts; not needed where there are none
     * @return [rows, width]
     */
    public float[] of(List<List<@Nullable String>> rows, @Nullable SentenceEncoder encoder) {
        int width = width();
        float[] values = new float[Math.multiplyExact(rows.size(), width)];
        int place = 0;
        if (!texts.isEmpty()) {
            float[][] encoded = Objects.requireNonNull(encoder)
                    .encode(rows.stream().map(this::text).toList());
            for (int i = 0; i < encoded.length; i++) {
                System.arraycopy(encoded[i], 0, values, i * width, textWidth);
            }
            place += textWidth;
        }
        for (Category category : categories) {
            for (int i = 0; i < rows.size(); i++) {
                float[] part = new float[category.places.size()];
                for (String value : categories(rows.get(i), category.column)) {
                    Integer index = category.places.get(value);
                    if (index != null) {
                        part[index] = 1;
                    }
                }
                System.arraycopy(SentenceEncoder.unit(part), 0, values, i * width + place, part.length);
            }
            place += category.places.size();
        }
        for (Amount amount : amounts) {
            for (int i = 0; i < rows.size(); i++) {
                String cell = rows.get(i).get(amount.column);
                double value = cell == null ? Double.NaN : ItemAttributes.number(cell);
                if (Double.isFinite(value) && amount.deviation > 0) {
                    values[i * width + place] = NUMBER_WEIGHT
                            * (float) Math.clamp(
                                    (value - amount.mean) / amount.deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS);
                }
            }
            place++;
        }
        return values;
    }

    /** What all columns of texts say, one after the other. */
    private String text(List<@Nullable String> row) {
        StringBuilder text = new StringBuilder();
        for (int column : texts) {
            String cell = row.get(column);
            if (cell != null) {
                text.append(text.isEmpty() ? "" : ". ").append(cell);
            }
        }
        return text.toString();
    }
}
