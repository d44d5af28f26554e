package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.modelkit.request.Parameters;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a request wants items to be: {@code {"genre": "Comedy", "price": {"max": 20}}}, a value, one of several, or a range of
 * numbers, of every column.
 */
final class ItemFilter {
    /** Each is a walk through the items that arrived. */
    private static final int MOST_VALUES = 100;

    private static final String MIN = "min";
    private static final String MAX = "max";

    private final Catalog catalog;
    private final Parameters parameters;
    private final String name;

    /** @param name of the parameter */
    ItemFilter(Catalog catalog, Parameters parameters, String name) {
        this.catalog = catalog;
        this.parameters = parameters;
        this.name = name;
    }

    /** @param items get rid of those that are not wanted */
    void retain(JsonNode filter, BitSet items) {
        if (!filter.isObject()) {
            throw parameters.invalid(name, "must be an object of columns and what they must be");
        }
        filter.properties().forEach(column -> items.and(matching(column.getKey(), column.getValue())));
    }

    private BitSet matching(String column, JsonNode wanted) {
        String field = name + "." + FieldError.shortened(column);
        if (catalog.hasCategories(column)) {
            return catalog.having(column, values(field, wanted));
        }
        if (!catalog.hasNumbers(column)) {
            List<String> known = catalog.columns();
            throw parameters.invalid(
                    field,
                    "is no column that items can be chosen by; "
                            + (known.isEmpty() ? "there are none" : "there are " + String.join(", ", known)));
        }
        if (wanted.isObject()) {
            wanted.propertyNames().forEach(bound -> {
                if (!bound.equals(MIN) && !bound.equals(MAX)) {
                    throw parameters.invalid(
                            field + "." + FieldError.shortened(bound), "is not known; known are min and max");
                }
            });
            return catalog.between(
                    column,
                    bound(field, wanted, MIN, Double.NEGATIVE_INFINITY),
                    bound(field, wanted, MAX, Double.POSITIVE_INFINITY));
        }
        BitSet items = new BitSet();
        for (String value : values(field, wanted)) {
            double number = value.isEmpty() ? Double.NaN : ItemAttributes.number(value);
            if (Double.isNaN(number)) {
                throw parameters.invalid(field, "must be a number, a list of numbers, or a range with min or max");
            }
            items.or(catalog.between(column, number, number));
        }
        return items;
    }

    private double bound(String field, JsonNode range, String bound, double otherwise) {
        JsonNode value = range.get(bound);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        double number = value.isNumber()
                ? value.doubleValue()
                : value.isString() && !value.stringValue().isEmpty()
                        ? ItemAttributes.number(value.stringValue())
                        : Double.NaN;
        if (!Double.isFinite(number)) {
            throw parameters.invalid(field + "." + bound, "must be a number, or a date");
        }
        return number;
    }

    private List<String> values(String field, JsonNode wanted) {
        if (wanted.size() > MOST_VALUES) {
            throw parameters.invalid(field, "holds more than %d values".formatted(MOST_VALUES));
        }
        List<String> values = new ArrayList<>();
        for (JsonNode value : wanted.isArray() ? wanted : List.of(wanted)) {
            if (!value.isString() && !value.isNumber() && !value.isBoolean()) {
                throw parameters.invalid(field, "must be a value or a list of values");
            }
            values.add(value.asString().strip());
        }
        return values;
    }
}
