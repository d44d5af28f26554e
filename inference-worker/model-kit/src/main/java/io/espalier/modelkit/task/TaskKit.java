package io.espalier.modelkit.task;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.TaskDescriptor;
import java.nio.file.Path;
import java.util.List;

/**
 * The serving half of one task. Implementations are stateless, found by {@link java.util.ServiceLoader} (see
 * {@code AutoService}), and live in a package of their own.
 */
public interface TaskKit {
    TaskDescriptor descriptor();

    /**
     * A reader that turns rows of a dataset into examples.
     *
     * @param columns of the file, in its order
     * @param mapping complete: every required role has a column that exists
     * @param files what the cells of roles that hold files stand for
     */
    ExampleReader examples(List<String> columns, ColumnMapping mapping, FileContents files);

    /**
     * Opens a model for prediction, once a bundle and process; loading takes up to seconds.
     *
     * @param bundle the unpacked bundle's folder, already verified
     * @param threads that a prediction may use while nothing else runs; beside others it uses one
     * @return to be closed by the caller; thread-safe
     */
    Predictor open(Path bundle, ModelManifest manifest, int threads);

    /** The metrics of this task, from true labels and full answers. */
    default List<String> metricNames() {
        return List.of("accuracy", "macroPrecision", "macroRecall", "macroF1", "rocAuc");
    }
}
