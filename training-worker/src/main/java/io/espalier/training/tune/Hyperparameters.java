package io.espalier.training.tune;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Values by name, as a user's JSON holds them. Immutable. */
public record Hyperparameters(Map<String, Object> values) {
    public Hyperparameters {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /** These values, and those of the defaults for what is not among them. */
    public Hyperparameters orElse(Map<String, Object> defaults) {
        Map<String, Object> all = new TreeMap<>(defaults);
        all.putAll(values);
        return new Hyperparameters(all);
    }

    public Hyperparameters with(String name, Object value) {
        Map<String, Object> all = new TreeMap<>(values);
        all.put(name, value);
        return new Hyperparameters(all);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public int integer(String name) {
        return number(name).intValue();
    }

    public double real(String name) {
        return number(name).doubleValue();
    }

    public String word(String name) {
        return (String) value(name);
    }

    public boolean flag(String name) {
        return (Boolean) value(name);
    }

    private Number number(String name) {
        return (Number) value(name);
    }

    private Object value(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("The hyperparameter " + name + " has no value.");
        }
        return value;
    }
}
