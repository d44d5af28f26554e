package io.espalier.training.task;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.task.LabelledTaskKit;
import io.espalier.modelkit.task.TaskKits;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.ImportedModel;
import io.espalier.training.data.DatasetScan;
import io.espalier.training.data.LabelledScan;
import io.espalier.training.data.ScanRequest;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The training half of one task. Implementations are stateless, found by {@link java.util.ServiceLoader} (see
 * {@code AutoService}), and live in a package of their own.
 */
public sealed interface TrainingTask permits GradientTask, FittingTask {
    /** As the task's descriptor says it. */
    String name();

    /** Reads a dataset version: by default as examples with labels. */
    default DatasetScan scan(ScanRequest request) throws IOException {
        return LabelledScan.run((LabelledTaskKit) TaskKits.get(name()), request);
    }

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
     * @param folder empty; gets what a training finds in {@link TrainingFiles#baseModel}
     * @throws ImportRefusedException with all that is wrong
     */
    default ImportedModel importBaseModel(ImportFolder given, Path folder) throws IOException {
        throw new ImportRefusedException(name() + " starts from nothing: it takes no base model.");
    }
}
