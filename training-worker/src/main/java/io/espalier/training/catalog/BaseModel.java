package io.espalier.training.catalog;

import io.espalier.training.catalog.EncoderConfig.Pooling;
import java.util.List;
import java.util.Locale;

/**
 * A pretrained encoder on the class path.
 *
 * @param onnx resource of the float32 graph
 * @param tokenizer resource of {@code tokenizer.json}
 * @param licence as SPDX names it
 * @param languages as BCP 47 names them
 */
record BaseModel(
        String name,
        String onnx,
        String tokenizer,
        int heads,
        Pooling pooling,
        String licence,
        String author,
        String source,
        List<String> languages,
        String about) {
    /** Of every BERT of the original size and vocabulary scheme; the graphs carry the same constant. */
    static final double LAYER_NORM_EPSILON = 1e-12;

    static final List<BaseModel> ALL = List.of(
            new BaseModel(
                    "all-MiniLM-L6-v2",
                    "all-minilm-l6-v2.onnx",
                    "all-minilm-l6-v2-tokenizer.json",
                    12,
                    Pooling.MEAN,
                    "Apache-2.0",
                    "sentence-transformers",
                    "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
                    List.of("en"),
                    "A small English sentence encoder, distilled from MiniLM and trained on a billion sentence pairs."),
            new BaseModel(
                    "bge-small-zh-v1.5",
                    "bge-small-zh-v1.5.onnx",
                    "bge-small-zh-v1.5-tokenizer.json",
                    8,
                    Pooling.CLS,
                    "MIT",
                    "Beijing Academy of Artificial Intelligence (BAAI)",
                    "https://huggingface.co/BAAI/bge-small-zh-v1.5",
                    List.of("zh"),
                    "A small Chinese sentence encoder, trained for retrieval."));

    /** {@code card.md}: a Hugging Face model card's front matter, then the same in words. */
    String card(long parameters, long bytes) {
        return """
                ---
                name: %s
                license: %s
                language: [%s]
                source: %s
                parameters: %d
                bytes: %d
                ---
                # %s

                %s By %s, under the licence %s.

                %.1f million parameters, %.0f MB as float32. Taken from [%s](%s) as published there; converted from ONNX to
                safetensors without changing a value.
                """.formatted(
                        name,
                        licence.toLowerCase(Locale.ROOT),
                        String.join(", ", languages),
                        source,
                        parameters,
                        bytes,
                        name,
                        about,
                        author,
                        licence,
                        parameters / 1e6,
                        bytes / 1e6,
                        source.substring(source.indexOf("co/") + 3),
                        source);
    }
}
