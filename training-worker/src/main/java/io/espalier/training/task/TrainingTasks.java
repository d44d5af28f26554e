package io.espalier.training.task;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All training tasks on the class path. */
public final class TrainingTasks {
    private static final Map<String, TrainingTask> BY_NAME = ServiceLoader.load(TrainingTask.class).stream()
            .map(ServiceLoader.Provider::get)
            .collect(Collectors.toUnmodifiableMap(TrainingTask::name, Function.identity()));

    private TrainingTasks() {}

    /** @throws IllegalArgumentException if there is none of this name */
    public static TrainingTask get(String task) {
        TrainingTask found = BY_NAME.get(task);
        if (found == null) {
            throw new IllegalArgumentException("There is no task " + task + "; known are " + BY_NAME.keySet());
        }
        return found;
    }
}
