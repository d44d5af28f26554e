package io.espalier.training.catalog;

import io.espalier.training.weights.InvalidWeightsException;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A file of weights that a tenant brings. Nothing is unpickled. */
public final class ImportedWeights {
    private static final int PICKLE_PROTOCOL = 0x80;
    private static final int NEWEST_PROTOCOL = 5;

    private ImportedWeights() {}

    /** @throws ImportRefusedException if it is not safetensors */
    public static Map<String, Tensor> read(Path weights) throws IOException {
        byte[] start;
        try (var in = Files.newInputStream(weights)) {
            start = in.readNBytes(2);
        }
        boolean zip = start.length == 2 && start[0] == 'P' && start[1] == 'K';
        boolean pickle = start.length == 2
                && (start[0] & 255) == PICKLE_PROTOCOL
                && start[1] >= 0
                && start[1] <= NEWEST_PROTOCOL;
        if (zip || pickle) {
            throw new ImportRefusedException(
                    "The weights are a pickle, which could run any program; save them as safetensors (save_pretrained does).");
        }
        try {
            return Safetensors.read(weights);
        } catch (InvalidWeightsException e) {
            throw new ImportRefusedException("The weights are no readable safetensors: " + e.getMessage());
        }
    }
}
