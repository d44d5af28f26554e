package io.espalier.training.task;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.training.tune.Hyperparameters;
import java.nio.file.Path;

/**
 * What a preview of augmentation shows.
 *
 * @param rows a few of the training split, as a split holds them; other files may be made beside it
 * @param report on the dataset version that they are of: what defaults follow from
 * @param chosen by the user, already checked against the descriptor
 * @param examples of the rows that are shown, at most
 * @param variants of each
 */
public record PreviewRequest(
        Path rows, DatasetReport report, Hyperparameters chosen, int examples, int variants, long seed) {}
