package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.modelkit.request.Parameters;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a request wants items to be: {@code {"genre": "Comedy", "price": {"max": 20}, "rating": {"not": "R"}}}, a value, one of several, a
 * range of numbers, or anything else than some values, of every column.
 */
final class ItemFilter {
    /** Each is a walk through the items that arrived. */
    private static final int MOST_VALUES = 100;

    private static final String MIN = "min";
    private static final String MAX = "max";
    private static final String NOT = "not";

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
        boolean numbers = !catalog.hasCategories(column);
        if (numbers && !catalog.hasNumbers(column)) {
            List<String> known = catalog.columns();
            throw parameters.invalid(
                    field,
                    "is no column that items can be chosen by; "
                            + (known.isEmpty() ? "there are none" : "there are " + String.join(", ", known)));
        }
        if (!wanted.isObject() || !numbers && wanted.isEmpty()) {
            return oneOf(field, column, wanted);
        }
        wanted.propertyNames().forEach(word -> {
            if (!word.equals(NOT) && !(numbers && (word.equals(MIN) || word.equals(MAX)))) {
                throw parameters.invalid(
                        field + "." + FieldError.shortened(word),
                        numbers
                                ? "is not known; known are min, max and not"
                                : "is not known; a column of categories knows only not");
            }
        });
        BitSet items;
        if (wanted.has(NOT) && wanted.size() == 1) {
            // What is not known to be unwanted stays.
            items = new BitSet(catalog.size());
            items.set(0, catalog.size());
        } else {
            items = catalog.between(
                    column,
                    bound(field, wanted, MIN, Double.NEGATIVE_INFINITY),
                    bound(field, wanted, MAX, Double.POSITIVE_INFINITY));
        }
        if (wanted.has(NOT)) {
            items.andNot(oneOf(field + "." + NOT, column, wanted.get(NOT)));
        }
        return items;
    }

    private BitSet oneOf(String field, String column, JsonNode wanted) {
        List<String> values = values(field, wanted);
        if (catalog.hasCategories(column)) {
            return catalog.having(column, values);
        }
        BitSet items = new BitSet();
        for (String value : values) {
            double number = value.isEmpty() ? Double.NaN : ItemAttributes.number(value);
            if (Double.isNaN(number)) {
                throw parameters.invalid(field, "must be a number or a list of numbers");
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
