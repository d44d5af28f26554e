package io.espalier.modelkit.task.textclassification;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.espalier.modelkit.onnx.OnnxModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A text to token ids, by the model's own {@code tokenizer.json}: special tokens added, cut to the longest length, never
 * padded. Training and serving tokenize with this class and no other. Thread-safe; the tokenizer is native memory.
 */
public final class TextTransform implements AutoCloseable {
    /** The file's name in a bundle and in a base model's folder. */
    public static final String TOKENIZER_ENTRY = "tokenizer.json";
    /** The key of the longest length in a manifest's {@code transform}. */
    public static final String MAX_LENGTH = "maxLength";

    private final HuggingFaceTokenizer tokenizer;
    private final int maxLength;

    private TextTransform(HuggingFaceTokenizer tokenizer, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
    }

    /** @param maxLength in tokens, special ones included */
    public static TextTransform open(Path tokenizerJson, int maxLength) {
        try {
            String length = String.valueOf(maxLength);
            // The file may bake in a padding and a length of its own: ours count.
            return new TextTransform(
                    HuggingFaceTokenizer.newInstance(
                            tokenizerJson,
                            Map.of(
                                    "addSpecialTokens", "true",
                                    "padding", "false",
                                    "truncation", "true",
                                    "maxLength", length,
                                    "modelMaxLength", length)),
                    maxLength);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int maxLength() {
        return maxLength;
    }

    /** @return 1 to {@link #maxLength} ids */
    public long[] encode(String text) {
        // Not through HuggingFaceTokenizer.encode, which also fetches words, spans and masks, each by a call into the
        // library: only the ids are needed.
        var library = TokenizersLibrary.LIB;
        long encoding = library.encode(tokenizer.getHandle(), wellFormed(text), true);
        try {
            return library.getTokenIds(encoding);
        } finally {
            library.deleteEncoding(encoding);
        }
    }

    /** Fills in what an encoder takes: texts as {@link #encode} gives them, the shorter ones padded under a mask of 0. */
    public static void fill(OnnxModel.Feed feed, List<long[]> texts) {
        int length = texts.stream().mapToInt(text -> text.length).max().orElse(0);
        LongBuffer ids = feed.longs("input_ids", texts.size(), length);
        LongBuffer mask = feed.longs("attention_mask", texts.size(), length);
        for (int row = 0; row < texts.size(); row++) {
            long[] text = texts.get(row);
            ids.put(row * length, text);
            for (int i = 0; i < text.length; i++) {
                mask.put(row * length + i, 1);
            }
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    /** JSON can escape halves of surrogate pairs, UTF-8 cannot hold them: each becomes a replacement character. */
    private static String wellFormed(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return text.codePoints()
                        .map(point ->
                                point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            }
        }
        return text;
    }
}
