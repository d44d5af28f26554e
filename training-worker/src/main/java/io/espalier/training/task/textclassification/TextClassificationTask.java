package io.espalier.training.task.textclassification;

import com.google.auto.service.AutoService;
import io.espalier.contracts.job.BaseModelFile;
import io.espalier.contracts.task.textclassification.TextClassification;
import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.catalog.EncoderImport;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportedModel;
import io.espalier.training.catalog.ImportedWeights;
import io.espalier.training.catalog.TokenizerImport;
import io.espalier.training.task.ClassBalance;
import io.espalier.training.task.GradientTask;
import io.espalier.training.task.LabelIndex;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.TrainingTask;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** Fine-tunes all layers of a pretrained BERT encoder under a new linear head. */
@AutoService(TrainingTask.class)
public final class TextClassificationTask implements GradientTask {
    /** As the encoders themselves were initialized (Devlin et al. 2019). */
    private static final double HEAD_DEVIATION = 0.02;

    @Override
    public String name() {
        return TextClassification.NAME;
    }

    @Override
    public Trainable prepare(TrainingFiles files, Hyperparameters chosen, long seed) throws IOException {
        Path baseModel = Objects.requireNonNull(files.baseModel(), "A base model is needed");
        EncoderConfig encoder = EncoderConfig.read(baseModel.resolve(EncoderConfig.FILE));
        LabelIndex labels = new LabelIndex(files.labels());
        int longest = Math.min(
                chosen.has(TextDefaults.MAX_LENGTH)
                        ? chosen.integer(TextDefaults.MAX_LENGTH)
                        : TextDefaults.DEFAULT_MAX_LENGTH,
                encoder.maxPositions());
        Path tokenizer = baseModel.resolve(TextTransform.TOKENIZER_ENTRY);
        try (var transform = TextTransform.open(tokenizer, longest)) {
            TokenizedTexts train = TokenizedTexts.read(files.train(), transform, labels);
            TokenizedTexts validation = TokenizedTexts.read(files.validation(), transform, labels);
            int classes = files.labels().size();
            Hyperparameters all =
                    chosen.orElse(TextDefaults.of(train.size(), classes)).with(TextDefaults.MAX_LENGTH, longest);
            float[] weights = ClassBalance.weights(all, train.labels(), classes);
            Map<String, Tensor> pretrained = Safetensors.read(baseModel.resolve(TrainedFiles.WEIGHTS));
            return new TextTraining(
                    encoder,
                    all,
                    BertParameters.of(encoder, pretrained, head(classes, encoder.hiddenSize(), seed), classes),
                    train.withClassWeights(weights),
                    validation.withClassWeights(weights),
                    tokenizer);
        }
    }

    @Override
    public TaskExporter exporter() {
        return new TextClassificationExporter();
    }

    @Override
    public ImportedModel importBaseModel(ImportFolder given, Path folder) throws IOException {
        given.require(BaseModelFile.CONFIG, BaseModelFile.WEIGHTS, BaseModelFile.TOKENIZER);
        try (var weights = given.weights()) {
            JsonNode settings = given.config();
            EncoderImport.Encoder encoder = EncoderImport.read(settings, weights.tensors());
            EncoderConfig config = encoder.config();
            TokenizerImport.read(
                    given.of(BaseModelFile.TOKENIZER),
                    config.vocabSize(),
                    folder.resolve(TextTransform.TOKENIZER_ENTRY));
            config.write(folder.resolve(EncoderConfig.FILE));
            Safetensors.write(folder.resolve(TrainedFiles.WEIGHTS), encoder.weights(), Map.of("format", "pt"));
            return new ImportedModel(
                    "%s with %d layers of width %d"
                            .formatted(settings.path("model_type").asString(), config.layers(), config.hiddenSize()),
                    ImportedWeights.parameters(encoder.weights()));
        }
    }

    private static Tensor head(int classes, int width, long seed) {
        Random random = new Random(seed);
        float[] values = new float[classes * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * HEAD_DEVIATION);
        }
        return Tensor.of(values, classes, width);
    }
}
