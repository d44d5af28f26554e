package io.espalier.training.task;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.ImportedModel;
import io.espalier.training.tune.Hyperparameters;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The training half of one task. Implementations are stateless, found by {@link java.util.ServiceLoader} (see
 * {@code AutoService}), and live in a package of their own.
 */
public interface TrainingTask {
    /** As the task's descriptor says it. */
    String name();

    /**
     * Reads the splits, learns the transform, sets what the user left open, and makes the initial weights: everything that a
     * training depends on. The same files, choices and seed give the same.
     *
     * @param chosen by the user, already checked against the descriptor
     * @param seed of the initial weights that are not pretrained
     */
    Trainable prepare(TrainingFiles files, Hyperparameters chosen, long seed) throws IOException;

    /**
     * Draws what augmentation makes of a few training rows, by the code and the defaults of a training.
     *
     * @return a PNG, the same for the same request
     * @throws ProblemException INVALID_REQUEST for a task that changes no examples
     */
    default byte[] preview(PreviewRequest request) throws IOException {
        throw new ProblemException(ProblemType.INVALID_REQUEST, name() + " has no augmentation to preview.");
    }

    TaskExporter exporter();

    /**
     * Makes a base model of files that a tenant brings.
     *
     * @param folder empty; gets what {@link #prepare} finds in {@link TrainingFiles#baseModel}
     * @throws ImportRefusedException with all that is wrong
     */
    default ImportedModel importBaseModel(ImportFolder given, Path folder) throws IOException {
        throw new ImportRefusedException(name() + " starts from nothing: it takes no base model.");
    }
}
