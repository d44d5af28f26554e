package io.espalier.modelkit.task;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.task.TaskDescriptor;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The serving half of one task. Implementations are stateless, found by {@link java.util.ServiceLoader} (see
 * {@code AutoService}), and live in a package of their own.
 */
public interface TaskKit {
    TaskDescriptor descriptor();

    /**
     * Opens a model for prediction, once a bundle and process; loading takes up to seconds.
     *
     * @param bundle the unpacked bundle's folder, already verified
     * @param threads that a prediction may use while nothing else runs; beside others it uses one
     * @return to be closed by the caller; thread-safe
     */
    Predictor open(Path bundle, ModelManifest manifest, int threads);

    /**
     * How many of a bundle's bytes a model of it holds, as far as they count.
     *
     * @param bytes of the whole bundle
     */
    default long heldBytes(Path bundle, long bytes) {
        return bytes;
    }

    /** Makes what keeps the events of one product, which has had none yet; empty exactly where the task takes no events. */
    default Optional<RecentEvents> recentEvents() {
        return Optional.empty();
    }

    /**
     * Measures the answers of a model of this task.
     *
     * @param bundle the unpacked bundle's folder
     */
    Scorer scorer(Path bundle, ModelManifest manifest);
}
