package io.espalier.training.task;

import io.espalier.contracts.artifact.ModelManifest.TensorShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Turns a trained model into the files of a bundle, the manifest excepted. Stateless. */
public interface TaskExporter {
    /** The precisions that {@link #export} knows, the {@code fp32} reference first. */
    List<String> precisions();

    /**
     * Writes {@code model.onnx} and the transform's files.
     *
     * @param trainedModel folder as {@link TrainedFiles} describes it
     * @param calibrationSplit JSON Lines, {@code {"input": …, "label": "…"}}: rows of the training split, to take activation
     *     scales from
     * @param precision one of {@link #precisions}
     * @param bundleFolder exists and is empty
     */
    Export export(Path trainedModel, Path calibrationSplit, String precision, Path bundleFolder) throws IOException;

    /**
     * What the manifest says of the exported model.
     *
     * @param transform the task's own settings, for example {@code maxLength}
     */
    record Export(Map<String, Object> transform, List<TensorShape> inputs, List<TensorShape> outputs) {}
}
