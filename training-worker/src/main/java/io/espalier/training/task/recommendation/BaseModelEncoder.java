package io.espalier.training.task.recommendation;

import io.espalier.modelkit.task.recommendation.SentenceEncoder;
import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.export.BertClassifier;
import io.espalier.training.export.Float32;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

/** A base model as it is, its pooled hidden states the answer. */
final class BaseModelEncoder {
    private static final int MOST_TOKENS = 128;

    private BaseModelEncoder() {}

    /** @param folder gets the encoder's files */
    static SentenceEncoder open(Path baseModel, Path folder) throws IOException {
        EncoderConfig config = EncoderConfig.read(baseModel.resolve(EncoderConfig.FILE));
        int width = config.hiddenSize();
        Map<String, Tensor> weights = new HashMap<>(Safetensors.read(baseModel.resolve(BaseModels.WEIGHTS_FILE)));
        weights.put("classifier.weight", Tensor.of(RankingModel.identity(width), width, width));
        weights.put("classifier.bias", Tensor.of(new float[width], width));
        new BertClassifier(config, weights).graph(new Float32()).write(folder.resolve(SentenceEncoder.GRAPH_ENTRY));
        Files.copy(
                baseModel.resolve(TextTransform.TOKENIZER_ENTRY),
                folder.resolve(SentenceEncoder.TOKENIZER_ENTRY),
                StandardCopyOption.REPLACE_EXISTING);
        return SentenceEncoder.open(folder, Math.min(MOST_TOKENS, config.maxPositions()));
    }
}
