package io.espalier.training.catalog;

import io.espalier.training.weights.InvalidWeightsException;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file of weights that a tenant brings. Nothing is unpickled. */
public final class ImportedWeights {
    /** Of this process's heap for a parameter: what a model that was trained from them takes when it is exported. */
    private static final int BYTES_A_PARAMETER = 25;

    /** A tensor is held in memory while it is checked. */
    private static final long MOST_OF_A_TENSOR = 50_000_000;

    private static final int PICKLE_PROTOCOL = 0x80;
    private static final int NEWEST_PROTOCOL = 5;

    private ImportedWeights() {}

    /** @throws ImportRefusedException if it is not safetensors, or too large */
    public static Safetensors.Opened open(Path weights) throws IOException {
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
        Safetensors.Opened opened;
        try {
            opened = Safetensors.open(weights);
        } catch (InvalidWeightsException e) {
            throw new ImportRefusedException("The weights are no readable safetensors: " + e.getMessage());
        }
        String problem = tooLarge(opened.tensors());
        if (problem != null) {
            opened.close();
            throw new ImportRefusedException(problem);
        }
        return opened;
    }

    private static @Nullable String tooLarge(Map<String, TensorSource> weights) {
        long parameters = parameters(weights);
        long most = Runtime.getRuntime().maxMemory() / BYTES_A_PARAMETER;
        if (parameters > most) {
            return "The weights have %,d parameters; this installation's workers have memory for %,d."
                    .formatted(parameters, most);
        }
        return weights.entrySet().stream()
                .filter(tensor -> tensor.getValue().elements() > MOST_OF_A_TENSOR)
                .findFirst()
                .map(tensor -> "The tensor %s has %,d numbers; up to %,d are imported."
                        .formatted(tensor.getKey(), tensor.getValue().elements(), MOST_OF_A_TENSOR))
                .orElse(null);
    }

    public static long parameters(Map<String, ? extends TensorSource> weights) {
        return weights.values().stream().mapToLong(TensorSource::elements).sum();
    }
}
