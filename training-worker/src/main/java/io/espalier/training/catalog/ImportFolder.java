package io.espalier.training.catalog;

import io.espalier.contracts.job.BaseModelFile;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files that a tenant brings, under the names of Hugging Face's layout; some may be missing. */
public record ImportFolder(Path folder) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public Path of(BaseModelFile file) {
        return folder.resolve(file.fileName());
    }

    /** @throws ImportRefusedException naming all that are missing */
    public void require(BaseModelFile... files) {
        List<String> missing = Arrays.stream(files)
                .filter(file -> !Files.exists(of(file)))
                .map(file -> "The file %s is missing; save_pretrained writes it.".formatted(file.fileName()))
                .toList();
        if (!missing.isEmpty()) {
            throw new ImportRefusedException(missing);
        }
    }

    /**
     * What the configuration says; nothing where there is none.
     *
     * @throws ImportRefusedException if it is not a JSON object
     */
    public JsonNode config() throws IOException {
        Path file = of(BaseModelFile.CONFIG);
        return Files.exists(file) ? object(file) : JSON.createObjectNode();
    }

    /** @throws ImportRefusedException if they cannot be read */
    public Safetensors.Opened weights() throws IOException {
        return ImportedWeights.open(of(BaseModelFile.WEIGHTS));
    }

    static JsonNode object(Path file) throws IOException {
        try {
            JsonNode object = JSON.readTree(Files.readAllBytes(file));
            if (object.isObject()) {
                return object;
            }
        } catch (JacksonException _) {
            // Said below.
        }
        throw new ImportRefusedException("The file %s is not a JSON object.".formatted(file.getFileName()));
    }
}
