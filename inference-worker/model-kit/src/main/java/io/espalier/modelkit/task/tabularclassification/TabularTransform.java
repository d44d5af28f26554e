package io.espalier.modelkit.task.tabularclassification;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.bundle.InvalidBundleException;
import io.espalier.modelkit.task.Predictor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A row of a table to the numbers and category indices that the model takes; learned from the training split and stored in
 * the bundle as {@code transform.json}. Training and serving use this class and no other. Immutable.
 */
public final class TabularTransform {
    /** The file's name in a bundle. */
    public static final String ENTRY = "transform.json";
    /** The category index of an empty cell. */
    public static final int MISSING = 0;
    /** The category index of a value that the training split does not hold, or too rarely. */
    public static final int UNKNOWN = 1;

    /** Standardized numbers beyond this are typing errors or attacks: they count as this. */
    private static final double LARGEST = 10;

    /** More than anybody corrects at once: a body may hold a million keys that no column has. */
    private static final int MOST_ERRORS = 20;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final List<Column> columns;
    private final Map<String, Integer> positions = new HashMap<>();
    private final List<Map<String, Integer>> categories = new ArrayList<>();
    private final int numericWidth;
    private final String notAColumn;

    public TabularTransform(List<Column> columns) {
        this.columns = List.copyOf(columns);
        int width = 0;
        for (Column column : columns) {
            if (positions.put(column.name(), positions.size()) != null) {
                throw new IllegalArgumentException("Two columns are called " + column.name() + ".");
            }
            if (column instanceof Numeric numeric) {
                width += numeric.width();
            } else if (column instanceof Categorical categorical) {
                Map<String, Integer> indices = new HashMap<>();
                categorical.values().forEach(value -> indices.put(value, UNKNOWN + 1 + indices.size()));
                categories.add(indices);
            }
        }
        this.numericWidth = width;
        this.notAColumn = "is not a column of the model; known are "
                + columns.stream()
                        .map(column -> FieldError.shortened(column.name()))
                        .collect(Collectors.joining(", "));
    }

    /** What is known of a column. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Numeric.class, name = "numeric"),
        @JsonSubTypes.Type(value = Categorical.class, name = "categorical")
    })
    public sealed interface Column {
        String name();
    }

    /** How a number is scaled before it is standardized. */
    public enum Scale {
        LINEAR,
        /** {@code sign(x) log(1 + |x|)}: for amounts, of which a few are a thousand times the others. */
        SIGNED_LOG;

        double apply(double number) {
            return switch (this) {
                case LINEAR -> number;
                case SIGNED_LOG -> Math.signum(number) * Math.log1p(Math.abs(number));
            };
        }
    }

    /**
     * Standardized to mean 0 and deviation 1; an empty cell counts as the mean.
     *
     * @param mean and std: after the scale
     * @param indicator whether a second number says that the cell was empty, as the training split had empty ones
     */
    public record Numeric(String name, Scale scale, double mean, double std, boolean indicator) implements Column {
        int width() {
            return indicator ? 2 : 1;
        }
    }

    /** @param values in the order of their indices, the first one's being {@link #UNKNOWN} + 1 */
    public record Categorical(String name, List<String> values) implements Column {}

    /**
     * A row, transformed.
     *
     * @param numeric {@link #numericWidth} numbers
     * @param categorical one index a categorical column
     */
    public record Row(float[] numeric, long[] categorical) implements Predictor.Prepared {
        /** Rows are all of one length. */
        @Override
        public int length() {
            return 1;
        }
    }

    /**
     * Learns from the training split's inputs, in one pass: a column of JSON numbers is numeric, any other categorical. The same rows in the same order give the same transform.
     */
    public static TabularTransform fit(Iterator<? extends JsonNode> inputs) {
        Map<String, ColumnCensus> censuses = new java.util.LinkedHashMap<>();
        long rows = 0;
        while (inputs.hasNext()) {
            rows++;
            for (var cell : inputs.next().properties()) {
                censuses.computeIfAbsent(cell.getKey(), ColumnCensus::new).count(cell.getValue());
            }
        }
        if (rows == 0) {
            throw new IllegalArgumentException("There are no rows to learn a transform from.");
        }
        List<Column> columns = new ArrayList<>();
        for (ColumnCensus census : censuses.values()) {
            columns.add(census.column(rows));
        }
        return new TabularTransform(columns);
    }

    public static TabularTransform read(Path file) {
        try {
            return new TabularTransform(JSON.readValue(file, Stored.class).columns());
        } catch (JacksonException e) {
            throw new InvalidBundleException("The transform cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    public void write(Path file) {
        JSON.writeValue(file, new Stored(columns));
    }

    private record Stored(List<Column> columns) {}

    public List<Column> columns() {
        return columns;
    }

    /** How many numbers a row becomes. */
    public int numericWidth() {
        return numericWidth;
    }

    /** How many indices each categorical column has, the missing and the unknown one included. */
    public List<Integer> categoricalSizes() {
        return categories.stream().map(indices -> UNKNOWN + 1 + indices.size()).toList();
    }

    /**
     * Transforms one row.
     *
     * @param input an object by column name; a column that it leaves out, or gives as null, is an empty cell. A text may
     *     stand for a number, and a number for a category that is written so
     * @param path how the request names the input
     * @throws ProblemException INVALID_INPUT with the fields that are wrong, up to 20: unknown columns,
     *     words for numbers
     */
    public Row encode(JsonNode input, String path) {
        if (!input.isObject()) {
            throw ProblemException.ofField(ProblemType.INVALID_INPUT, path, "must be an object by column name");
        }
        @Nullable String[] cells = new String[columns.size()];
        List<FieldError> errors = new ArrayList<>();
        for (var cell : input.properties()) {
            if (errors.size() == MOST_ERRORS) {
                break;
            }
            Integer position = positions.get(cell.getKey());
            if (position == null) {
                errors.add(new FieldError(field(path, cell.getKey()), notAColumn));
            } else if (cell.getValue().isContainer()) {
                errors.add(new FieldError(field(path, cell.getKey()), "must be a text, a number, true, false or null"));
            } else {
                cells[position] = Cells.text(cell.getValue());
            }
        }
        Row row = encode(cells, path, errors);
        if (!errors.isEmpty()) {
            FieldError first = errors.getFirst();
            throw new ProblemException(ProblemType.INVALID_INPUT, first.field() + ": " + first.message(), errors);
        }
        return row;
    }

    private Row encode(@Nullable String[] cells, String path, List<FieldError> errors) {
        float[] numbers = new float[numericWidth];
        long[] indices = new long[categories.size()];
        int number = 0;
        int category = 0;
        for (int i = 0; i < cells.length; i++) {
            String cell = cells[i];
            switch (columns.get(i)) {
                case Numeric numeric -> {
                    OptionalDouble value = cell == null ? OptionalDouble.empty() : Cells.number(cell);
                    if (value.isPresent()) {
                        numbers[number] = standardized(numeric, value.getAsDouble());
                    } else if (cell == null) {
                        if (numeric.indicator()) {
                            numbers[number + 1] = 1;
                        }
                    } else if (errors.size() < MOST_ERRORS) {
                        errors.add(new FieldError(field(path, numeric.name()), "must be a number"));
                    }
                    number += numeric.width();
                }
                case Categorical _ -> {
                    indices[category] =
                            cell == null ? MISSING : categories.get(category).getOrDefault(cell, UNKNOWN);
                    category++;
                }
            }
        }
        return new Row(numbers, indices);
    }

    private static String field(String path, String name) {
        return path + "." + FieldError.shortened(name);
    }

    private static float standardized(Numeric column, double value) {
        double standardized = (column.scale().apply(value) - column.mean()) / column.std();
        return (float) Math.clamp(standardized, -LARGEST, LARGEST);
    }
}
