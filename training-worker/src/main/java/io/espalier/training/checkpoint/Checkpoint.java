package io.espalier.training.checkpoint;

import io.espalier.training.loop.LoopState;
import io.espalier.training.program.Network;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that a training needs to go on from between two steps, as a folder: weights, AdamW's moments, the weights of the best
 * epoch so far, and the {@link LoopState}. Schedule, data order and random numbers follow from the state's step and epoch.
 */
public final class Checkpoint {
    private static final String WEIGHTS = "weights.safetensors";
    private static final String FIRST_MOMENTS = "first-moments.safetensors";
    private static final String SECOND_MOMENTS = "second-moments.safetensors";
    private static final String ROWS_SEEN = "rows-seen.safetensors";
    private static final String BEST = "best.safetensors";
    private static final String STATE = "state.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Checkpoint() {}

    /**
     * Writes a folder that appears only when it is whole.
     *
     * @param best weights of the best epoch, a file that nobody writes to any more; null before the first epoch's end
     */
    public static void write(Path folder, Network network, LoopState state, @Nullable Path best) throws IOException {
        Path partial = folder.resolveSibling(folder.getFileName() + ".part");
        Files.createDirectories(partial);
        write(partial.resolve(WEIGHTS), network.weights());
        write(partial.resolve(FIRST_MOMENTS), network.firstMoments());
        write(partial.resolve(SECOND_MOMENTS), network.secondMoments());
        write(partial.resolve(ROWS_SEEN), network.rowsSeen());
        if (best != null) {
            Files.createLink(partial.resolve(BEST), best);
        }
        JSON.writeValue(partial.resolve(STATE), state);
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Puts the network into the checkpoint's state.
     *
     * @param best gets a copy of the weights of the best epoch, if the checkpoint has them
     */
    public static LoopState restore(Path folder, Network network, Path best) throws IOException {
        network.restore(
                Safetensors.read(folder.resolve(WEIGHTS)),
                Safetensors.read(folder.resolve(FIRST_MOMENTS)),
                Safetensors.read(folder.resolve(SECOND_MOMENTS)),
                Safetensors.read(folder.resolve(ROWS_SEEN)));
        if (Files.exists(folder.resolve(BEST))) {
            Files.copy(folder.resolve(BEST), best, StandardCopyOption.REPLACE_EXISTING);
        }
        return JSON.readValue(folder.resolve(STATE), LoopState.class);
    }

    private static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        Safetensors.write(file, tensors, Map.of());
    }
}
