package io.espalier.training.task.textclassification;

import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.catalog.EncoderConfig.Pooling;
import io.espalier.training.program.Program;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.tune.Hyperparameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

record TextTraining(
        EncoderConfig encoder,
        Hyperparameters hyperparameters,
        List<Parameter> parameters,
        TokenizedTexts train,
        TokenizedTexts validation,
        Path tokenizer)
        implements Trainable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Override
    public Program program(Precision precision) {
        return new Program(
                "bert-text-classification.py",
                Map.of(
                        "layers", encoder.layers(),
                        "heads", encoder.heads(),
                        "first_token", encoder.pooling() == Pooling.CLS,
                        "epsilon", encoder.layerNormEpsilon(),
                        "dropout", hyperparameters.real("dropout"),
                        "label_smoothing", hyperparameters.real("labelSmoothing"),
                        "weight_decay", hyperparameters.real("weightDecay"),
                        "max_gradient_norm", hyperparameters.real("maxGradientNorm"),
                        "mixed", precision == Precision.BF16));
    }

    @Override
    public List<Precision> precisions() {
        return List.of(Precision.values());
    }

    @Override
    public Map<String, Object> architecture() {
        return JSON.convertValue(encoder, new TypeReference<>() {});
    }

    @Override
    public void writeTransform(Path trainedModel) throws IOException {
        // The trained model is a base model too.
        encoder.write(trainedModel.resolve(EncoderConfig.FILE));
        Files.copy(tokenizer, trainedModel.resolve(TextTransform.TOKENIZER_ENTRY), StandardCopyOption.REPLACE_EXISTING);
    }
}
