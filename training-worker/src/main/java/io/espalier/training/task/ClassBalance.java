package io.espalier.training.task;

import io.espalier.training.tune.Hyperparameters;
import java.util.Arrays;

/** The weights of the classes in the loss. */
public final class ClassBalance {
    public static final String HYPERPARAMETER = "classWeights";

    private ClassBalance() {}

    /**
     * All one, or, where the hyperparameter says {@code balanced}, inversely proportional to the class's rows with a mean of
     * one over the rows.
     *
     * @param labels index of each training row's label
     */
    public static float[] weights(Hyperparameters hyperparameters, int[] labels, int classes) {
        float[] weights = new float[classes];
        Arrays.fill(weights, 1);
        if (hyperparameters.word(HYPERPARAMETER).equals("balanced")) {
            int[] rows = new int[classes];
            for (int label : labels) {
                rows[label]++;
            }
            int present = (int) Arrays.stream(rows).filter(count -> count > 0).count();
            for (int i = 0; i < classes; i++) {
                weights[i] = rows[i] == 0 ? 0 : (float) labels.length / ((float) present * rows[i]);
            }
        }
        return weights;
    }
}
