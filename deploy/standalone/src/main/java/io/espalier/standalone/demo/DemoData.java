package io.espalier.standalone.demo;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the demo trains on.
 *
 * @param file null for the file that ships with the project
 * @param text the column of the text; null for tables, where every other column is a feature
 * @param baseModel null for the task's default
 * @param hyperparameters what is not to be as the task has it by default
 */
public record DemoData(
        @Nullable Path file,
        @Nullable String text,
        @Nullable String label,
        @Nullable String split,
        String task,
        @Nullable String baseModel,
        Map<String, Object> hyperparameters) {}
