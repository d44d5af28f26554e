package io.espalier.modelkit.task;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All task kits on the class path. */
public final class TaskKits {
    private static final Map<String, TaskKit> BY_NAME = ServiceLoader.load(TaskKit.class).stream()
            .map(ServiceLoader.Provider::get)
            .collect(Collectors.toUnmodifiableMap(kit -> kit.descriptor().name(), Function.identity()));

    private TaskKits() {}

    /** @throws IllegalArgumentException if no kit has this name */
    public static TaskKit get(String task) {
        TaskKit kit = BY_NAME.get(task);
        if (kit == null) {
            throw new IllegalArgumentException("There is no task " + task + "; known are " + BY_NAME.keySet());
        }
        return kit;
    }

    public static Map<String, TaskKit> all() {
        return BY_NAME;
    }
}
