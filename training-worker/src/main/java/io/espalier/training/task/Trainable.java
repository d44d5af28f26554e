package io.espalier.training.task;

import io.espalier.training.program.Program;
import io.espalier.training.tune.Hyperparameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A training that could start: data in memory, hyperparameters settled. Immutable and thread-safe. */
public interface Trainable {
    /** All of them. */
    Hyperparameters hyperparameters();

    /** The network, its loss and its step, in 32-bit or, where the task knows it, mixed arithmetic. */
    Program program(Precision precision);

    /** The precisions that {@link #program} knows. */
    List<Precision> precisions();

    /** The weights to start from; the program gets them group by group, in this order within each group. */
    List<Parameter> parameters();

    Examples train();

    Examples validation();

    /** What goes into {@link TrainedFiles.Description#architecture}. */
    Map<String, Object> architecture();

    /** Writes the files of the transform beside the trained weights. */
    void writeTransform(Path trainedModel) throws IOException;
}
