package io.espalier.training.trial;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.training.task.Fit;
import io.espalier.training.task.Fit.Fitted;
import io.espalier.training.task.FittingTask;
import io.espalier.training.task.Precision;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A training in stages: what each found is a checkpoint. */
final class FitTrial implements Fit.Stages {
    private static final String KEPT = "kept";
    /** Of a stage. */
    private static final double LEAST_MEASURED = 0.05;
    /** A stage has as many steps, so that a long one is seen to go on. */
    private static final int STEPS = 100;

    private final TrialSpec spec;
    private final PrintStream events;
    private final Fit fit;
    private final TaskDescriptor task;
    private final long start = System.nanoTime();
    private String message = "";
    private int stage;
    /** Stages that an attempt before this one did. */
    private int stagesBefore;

    private FitTrial(TrialSpec spec, PrintStream events, Fit fit) {
        this.spec = spec;
        this.events = events;
        this.fit = fit;
        this.task = Tasks.find(spec.task()).orElseThrow();
    }

    static void run(TrialSpec spec, FittingTask task, PrintStream events) throws IOException {
        Path work = Files.createDirectories(spec.work().resolve("fit"));
        try (Fit fit = task.prepare(spec.files(), new Hyperparameters(spec.hyperparameters()), spec.seed(), work)) {
            new FitTrial(spec, events, fit).run();
        }
    }

    private void run() throws IOException {
        Files.createDirectories(spec.work().resolve(TrialSpec.CHECKPOINTS));
        Files.createDirectories(spec.model());
        Trial.say(events, new TrialEvent.Started(Precision.FP32, fit.stages(), STEPS * fit.stages()));
        Fitted fitted = fit.run(this);
        Path weights = spec.model().resolve(TrainedFiles.WEIGHTS);
        Safetensors.write(weights, fitted.weights(), Map.of());
        fit.writeTransform(spec.model());
        Map<String, Object> hyperparameters =
                fitted.hyperparameters().with("seed", spec.seed()).values();
        TrainedFiles.write(
                spec.model(),
                new TrainedFiles.Description(
                        spec.task(),
                        spec.labels(),
                        hyperparameters,
                        fitted.architecture(),
                        fitted.validationMetrics()));
        Trial.say(
                events,
                new TrialEvent.Finished(
                        Sha256.of(weights),
                        hyperparameters,
                        stage,
                        fitted.bestStage(),
                        fitted.validationMetrics().getOrDefault(task.primaryMetric(), 0.0),
                        rowsPerSecond(stage),
                        seconds()));
    }

    @Override
    public @Nullable String resumedFrom() {
        try {
            return spec.resumeFrom() == null
                    ? null
                    : Files.readString(spec.resumeFrom().resolve(KEPT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void began(int stage, String message) {
        if (this.stage == 0) {
            stagesBefore = stage - 1;
        }
        this.stage = stage;
        this.message = "%s (%d of %d)".formatted(message, stage, fit.stages());
        progress(stage - 1, null);
    }

    @Override
    public void progressed(double share) {
        progress(stage - 1 + share, null);
    }

    @Override
    public void ended(Map<String, Double> metrics, String kept) throws IOException {
        progress(stage, metrics);
        Path partial = spec.work().resolve(TrialSpec.CHECKPOINTS).resolve(stage + ".part");
        Files.createDirectories(partial);
        Files.writeString(partial.resolve(KEPT), kept);
        Path folder = spec.checkpoint(stage);
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        Trial.say(events, new TrialEvent.Checkpointed(stage, folder));
    }

    private void progress(double done, @Nullable Map<String, Double> metrics) {
        double speed = rowsPerSecond(done);
        Trial.say(
                events,
                new TrialEvent.Progressed(
                        message,
                        stage,
                        fit.stages(),
                        (long) (STEPS * done),
                        (long) STEPS * fit.stages(),
                        null,
                        speed,
                        (fit.stages() - done) * fit.rows() / speed,
                        metrics));
    }

    /** A row counts in every stage; before there is anything to measure, what is usual. */
    private double rowsPerSecond(double done) {
        double own = done - stagesBefore;
        return own < LEAST_MEASURED ? task.trainingCost().samplesPerSecond() : fit.rows() * own / seconds();
    }

    private double seconds() {
        return Math.max(1e-3, (System.nanoTime() - start) / 1e9);
    }
}
