package io.espalier.contracts.task;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.StorableText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task as the control plane, the documentation and the API description see it.
 *
 * @param name the field's standard name, for example {@code text-classification}
 * @param baseModel whether a training starts from a pretrained model
 * @param baseModelTask whose base models these are; the task's own name where it has some of its own
 * @param primaryMetric the metric that gates and compares models, a key of the evaluation's metrics; higher is better
 * @param inputSchema JSON Schema (2020-12) of one element of {@code inputs}, as JSON text
 * @param inputFileTypes media types of the files that may come as bodies, each one input; none where inputs are no files
 * @param parametersSchema JSON Schema of a request's {@code parameters}, an object, as JSON text
 * @param outputSchema JSON Schema of the answer to one input, as JSON text
 * @param exampleInput one input as JSON text
 * @param events that products take while they serve
 * @param trainingCost for defaults and estimates; not part of the interface
 */
public record TaskDescriptor(
        String name,
        String summary,
        BaseModelUse baseModel,
        String baseModelTask,
        String primaryMetric,
        List<ColumnRole> columns,
        List<Hyperparameter> hyperparameters,
        String inputSchema,
        List<String> inputFileTypes,
        String parametersSchema,
        String outputSchema,
        String exampleInput,
        List<EventKind> events,
        @JsonIgnore TrainingCost trainingCost) {
    private static final String AUGMENTATION = "augmentation";

    /** Whether trainings of a task start from a base model. */
    public enum BaseModelUse {
        NONE,
        OPTIONAL,
        /** A product has one, for trainings whose data have a use for it. */
        PROVIDED,
        REQUIRED
    }

    /** Whether base models are imported for this task, and its model versions can be some. */
    public boolean makesBaseModels() {
        return baseModel != BaseModelUse.NONE && baseModelTask.equals(name);
    }

    /** The kind of events of a name; empty where products of the task take none such. */
    public Optional<EventKind> events(String kind) {
        return events.stream().filter(known -> known.name().equals(kind)).findFirst();
    }

    /** Whether trainings change their examples at random: then there is a hyperparameter that says so. */
    public boolean augments() {
        return hyperparameters.stream()
                .anyMatch(hyperparameter -> hyperparameter.name().equals(AUGMENTATION));
    }

    /** All that is wrong with the chosen hyperparameters: unknown names, wrong kinds, values out of range. */
    public List<FieldError> check(Map<String, Object> chosen) {
        List<FieldError> errors = new ArrayList<>();
        chosen.forEach((name, value) -> {
            Hyperparameter hyperparameter = hyperparameters.stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElse(null);
            String message = hyperparameter == null
                    ? "is not a hyperparameter of " + this.name + "; known are "
                            + String.join(
                                    ", ",
                                    hyperparameters.stream()
                                            .map(Hyperparameter::name)
                                            .toList())
                    : problemWith(hyperparameter, value);
            if (message != null) {
                errors.add(new FieldError("hyperparameters." + name, message));
            }
        });
        return errors;
    }

    private static @Nullable String problemWith(Hyperparameter hyperparameter, @Nullable Object value) {
        return switch (hyperparameter.kind()) {
            case BOOLEAN -> value instanceof Boolean ? null : "must be true or false";
            case CHOICE ->
                value instanceof String word && hyperparameter.choices().contains(word)
                        ? null
                        : "must be one of " + String.join(", ", hyperparameter.choices());
            case INTEGER, NUMBER -> problemWithNumber(hyperparameter, value);
            case WORDS -> problemWithWords(value);
        };
    }

    private static @Nullable String problemWithWords(@Nullable Object value) {
        Collection<?> words = value instanceof Collection<?> several ? several : Collections.singletonList(value);
        boolean valid = !words.isEmpty()
                && words.size() <= Hyperparameter.MOST_WORDS
                && words.stream()
                        .allMatch(word -> word instanceof Integer
                                || word instanceof Long
                                || word instanceof String text
                                        && !text.isBlank()
                                        && text.length() <= Hyperparameter.LONGEST_WORD
                                        && StorableText.is(text));
        return valid
                ? null
                : "must be a list of 1 to %d texts of at most %d characters"
                        .formatted(Hyperparameter.MOST_WORDS, Hyperparameter.LONGEST_WORD);
    }

    private static @Nullable String problemWithNumber(Hyperparameter hyperparameter, @Nullable Object value) {
        boolean whole = hyperparameter.kind() == Hyperparameter.Kind.INTEGER;
        double minimum = hyperparameter.minimum() == null ? Double.NEGATIVE_INFINITY : hyperparameter.minimum();
        double maximum = hyperparameter.maximum() == null ? Double.POSITIVE_INFINITY : hyperparameter.maximum();
        boolean valid = value instanceof Number number
                && number.doubleValue() >= minimum
                && number.doubleValue() <= maximum
                && (!whole || number.doubleValue() == Math.rint(number.doubleValue()));
        return valid
                ? null
                : whole
                        ? "must be a whole number from %d to %d".formatted((long) minimum, (long) maximum)
                        : "must be a number from %s to %s".formatted(minimum, maximum);
    }
}
