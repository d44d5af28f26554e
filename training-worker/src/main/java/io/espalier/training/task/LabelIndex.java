package io.espalier.training.task;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Labels to the indices of the model's outputs. */
public final class LabelIndex {
    private final Map<String, Integer> indices = new HashMap<>();

    public LabelIndex(List<String> labels) {
        labels.forEach(label -> indices.put(label, indices.size()));
    }

    /** @throws ProblemException INVALID_DATASET if the label is not among them */
    public int of(String label) {
        Integer index = indices.get(label);
        if (index == null) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET, "The label " + label + " is not among the labels of the dataset.");
        }
        return index;
    }
}
