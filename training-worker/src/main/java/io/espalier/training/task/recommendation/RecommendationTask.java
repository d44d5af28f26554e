package io.espalier.training.task.recommendation;

import com.google.auto.service.AutoService;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.training.data.DatasetScan;
import io.espalier.training.data.ScanRequest;
import io.espalier.training.task.Fit;
import io.espalier.training.task.FittingTask;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.TrainingTask;
import io.espalier.training.tune.Hyperparameters;
import java.io.IOException;
import java.nio.file.Path;

/** Chooses a recipe on the validation split and fits it to all that may be learned from. */
@AutoService(TrainingTask.class)
public final class RecommendationTask implements FittingTask {
    @Override
    public String name() {
        return Recommendation.NAME;
    }

    @Override
    public DatasetScan scan(ScanRequest request) throws IOException {
        return InteractionScan.run(request);
    }

    @Override
    public Fit prepare(TrainingFiles files, Hyperparameters chosen, long seed, Path work) throws IOException {
        return new RecommendationFit(files, chosen, seed, work);
    }

    @Override
    public TaskExporter exporter() {
        return new RecommendationExporter();
    }
}
