package io.espalier.contracts.task;

import io.espalier.contracts.task.imageclassification.ImageClassification;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.contracts.task.textclassification.TextClassification;
import java.util.List;
import java.util.Optional;

/** The one registration of every task that this platform knows. */
public final class Tasks {
    public static final List<TaskDescriptor> ALL = List.of(
            TextClassification.DESCRIPTOR, //
            TabularClassification.DESCRIPTOR,
            ImageClassification.DESCRIPTOR,
            Recommendation.DESCRIPTOR);

    private Tasks() {}

    /** The names of the events that products of some task take. */
    public static List<String> eventKinds() {
        return ALL.stream()
                .flatMap(task -> task.events().stream().map(EventKind::name))
                .distinct()
                .toList();
    }

    public static Optional<TaskDescriptor> find(String name) {
        return ALL.stream().filter(task -> task.name().equals(name)).findFirst();
    }
}
