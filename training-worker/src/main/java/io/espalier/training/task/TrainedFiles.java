package io.espalier.training.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files of a trained model: {@value #WEIGHTS}, {@value #DESCRIPTION}, and those of the task's transform
 * ({@code tokenizer.json}, {@code transform.json}).
 */
public final class TrainedFiles {
    public static final String WEIGHTS = "model.safetensors";
    public static final String DESCRIPTION = "training.json";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private TrainedFiles() {}

    /**
     * {@value #DESCRIPTION}.
     *
     * @param labels in the order of the model's outputs
     * @param hyperparameters all that were in force, defaults included
     * @param validationMetrics where the model itself cannot be measured on the validation split, since it learned from it: those of
     *     its settings before; else null
     * @param architecture what the weights alone do not say; for text the encoder's {@code config.json}, for tables the sizes
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Description(
            String task,
            List<String> labels,
            Map<String, Object> hyperparameters,
            Map<String, Object> architecture,
            @Nullable Map<String, Double> validationMetrics) {}

    public static Description description(Path trainedModel) {
        return JSON.readValue(trainedModel.resolve(DESCRIPTION), Description.class);
    }

    public static void write(Path trainedModel, Description description) {
        JSON.writeValue(trainedModel.resolve(DESCRIPTION), description);
    }
}
