package io.espalier.training.task.tabularclassification;

import com.google.auto.service.AutoService;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.task.SplitRow;
import io.espalier.modelkit.task.tabularclassification.TabularTransform;
import io.espalier.training.task.ClassBalance;
import io.espalier.training.task.GradientTask;
import io.espalier.training.task.LabelIndex;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.TrainingTask;
import io.espalier.training.tune.Hyperparameters;

/** Trains two hidden layers over standardized numbers and embedded categories, from nothing. */
@AutoService(TrainingTask.class)
public final class TabularClassificationTask implements GradientTask {
    @Override
    public String name() {
        return TabularClassification.NAME;
    }

    @Override
    public Trainable prepare(TrainingFiles files, Hyperparameters chosen, long seed) {
        TabularTransform transform;
        try (var rows = SplitFile.rows(files.train())) {
            transform = TabularTransform.fit(rows.map(SplitRow::input).iterator());
        }
        LabelIndex labels = new LabelIndex(files.labels());
        EncodedRows train = EncodedRows.read(files.train(), transform, labels);
        EncodedRows validation = EncodedRows.read(files.validation(), transform, labels);
        int classes = files.labels().size();
        Hyperparameters all = chosen.orElse(TabularDefaults.of(train.size(), classes));
        float[] weights = ClassBalance.weights(all, train.labels(), classes);
        return new TabularTraining(
                transform,
                all,
                TabularParameters.of(transform, all.integer("hiddenUnits"), classes, seed),
                train.withClassWeights(weights),
                validation.withClassWeights(weights));
    }

    @Override
    public TaskExporter exporter() {
        return new TabularClassificationExporter();
    }
}
