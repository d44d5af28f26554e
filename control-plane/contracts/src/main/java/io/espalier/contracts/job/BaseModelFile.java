package io.espalier.contracts.job;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The files that weights are imported from, by the names that Hugging Face's layout has for them. */
public enum BaseModelFile {
    CONFIG("config.json", 1L << 20),
    WEIGHTS("model.safetensors", 1L << 30),
    TOKENIZER("tokenizer.json", 8L << 20);

    private final String fileName;
    private final long limit;

    BaseModelFile(String fileName, long limit) {
        this.fileName = fileName;
        this.limit = limit;
    }

    public static Optional<BaseModelFile> find(String fileName) {
        return Arrays.stream(values())
                .filter(file -> file.fileName.equals(fileName))
                .findFirst();
    }

    /** {@code config.json, model.safetensors, tokenizer.json}. */
    public static String allNames() {
        return Arrays.stream(values()).map(BaseModelFile::fileName).collect(Collectors.joining(", "));
    }

    public String fileName() {
        return fileName;
    }

    /** How large it may be, in bytes. */
    public long limit() {
        return limit;
    }
}
