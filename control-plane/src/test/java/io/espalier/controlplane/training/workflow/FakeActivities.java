package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.job.ExportedModel;
import io.espalier.contracts.job.GateDecision;
import io.espalier.contracts.job.ImportOutcome;
import io.espalier.contracts.job.ImportSpec;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.RecordActivities;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingActivities;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.job.TrainingOutcome;
import io.temporal.activity.Activity;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** All activities of a job, writing down what was called; a test sets what an activity does instead of succeeding. */
final class FakeActivities implements RecordActivities, DataActivities, TrainingActivities {
    private static final ExportedModel.Bundle BUNDLE = new ExportedModel.Bundle("int8", "bundles/int8.zip", "ab", 4);

    final List<String> calls = new CopyOnWriteArrayList<>();
    final Map<String, Runnable> instead = new ConcurrentHashMap<>();
    final CountDownLatch trainingStarted = new CountDownLatch(1);

    private void called(String call) {
        calls.add(call);
        Runnable action = instead.get(call);
        if (action != null) {
            action.run();
        }
    }

    @Override
    public TrainingJobSpec begin(JobRef job) {
        called("begin");
        return new TrainingJobSpec(
                job,
                UUID.randomUUID(),
                "text-classification",
                UUID.randomUUID(),
                "hash",
                List.of(),
                ColumnMapping.GUESS,
                null,
                null,
                Map.of("epochs", 2),
                Accelerator.CPU);
    }

    @Override
    public void enter(JobRef job, JobState state) {
        called("enter " + state);
    }

    @Override
    public UUID register(JobRef job, TrainingOutcome outcome) {
        called("register " + outcome.gate().chosen().precision());
        return UUID.randomUUID();
    }

    @Override
    public void end(JobRef job, JobState state, String reason) {
        called("end " + state + ": " + reason);
    }

    @Override
    public void inspected(InspectionSpec spec, @Nullable InspectionOutcome outcome, @Nullable String failure) {
        called(outcome == null ? "inspected: " + failure : "inspected " + outcome.rows() + " rows");
    }

    @Override
    public InspectionOutcome inspect(InspectionSpec spec) {
        called("inspect");
        return new InspectionOutcome(true, 10, 9, "hash");
    }

    @Override
    public ImportOutcome importBaseModel(ImportSpec spec) {
        called("importBaseModel");
        return new ImportOutcome(List.of(), new ImportOutcome.Imported("bert", 10, null, spec.prefix()));
    }

    @Override
    public void imported(ImportSpec spec, @Nullable ImportOutcome outcome, @Nullable String failure) {
        called(outcome == null ? "imported: " + failure : "imported");
    }

    @Override
    public void previewAugmentation(AugmentationPreviewSpec spec) {
        called("preview " + spec.digest());
    }

    @Override
    public PreparedData prepare(TrainingJobSpec spec) {
        called("prepare");
        return new PreparedData(Map.of(), Map.of(), List.of("no", "yes"));
    }

    @Override
    public TrainedModel train(TrainingJobSpec spec, PreparedData data) {
        trainingStarted.countDown();
        called("train");
        int attempt = Activity.getExecutionContext().getInfo().getAttempt();
        return new TrainedModel("attempts/1/", "cd", Map.of(), "fp32", 2, 1, attempt, 2, 2, .9, 100, 1);
    }

    @Override
    public ExportedModel export(TrainingJobSpec spec, PreparedData data, TrainedModel model) {
        called("export");
        return new ExportedModel(List.of(BUNDLE));
    }

    @Override
    public GateDecision gate(TrainingJobSpec spec, PreparedData data, ExportedModel exported) {
        called("gate");
        return new GateDecision(BUNDLE, Map.of("int8", .9), "int8 loses nothing.");
    }

    @Override
    public Evaluation evaluate(TrainingJobSpec spec, PreparedData data, GateDecision gate) {
        called("evaluate");
        return new Evaluation(Map.of("accuracy", .9), List.of(), List.of(), 10, 1.5, "predictions.jsonl");
    }

    @Override
    public void discard(TrainingJobSpec spec) {
        called("discard");
    }
}
