package io.espalier.standalone.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the demo trains on.
 *
 * @param files that make one dataset version; none for those that ship with the project
 * @param text the column of the text; null for tables, where every other column is a feature
 * @param baseModel null for the task's default
 * @param hyperparameters what is not to be as the task has it by default
 */
public record DemoData(
        List<Path> files,
        @Nullable String text,
        @Nullable String label,
        @Nullable String split,
        String task,
        @Nullable String baseModel,
        Map<String, Object> hyperparameters) {}
