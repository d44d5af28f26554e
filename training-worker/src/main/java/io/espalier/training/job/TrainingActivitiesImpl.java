package io.espalier.training.job;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingActivities;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.process.FileTrees;
import io.espalier.training.checkpoint.Attempt;
import io.espalier.training.checkpoint.RecordedSettings;
import io.espalier.training.trial.TrialEvent;
import io.espalier.training.trial.TrialProcess;
import io.espalier.training.trial.TrialSpec;
import io.temporal.activity.Activity;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs trainings, each in a {@link TrialProcess}, and carries their checkpoints to the object store. Thread-safe. */
public final class TrainingActivitiesImpl implements TrainingActivities {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingActivitiesImpl.class);
    private static final long DEFAULT_SEED = 1;

    private final ObjectStore store;
    private final WorkFolders folders;
    private final ProgressReports reports;
    private final Resources resources;

    /**
     * What one training may use.
     *
     * @param heapMegabytes of the trial's JVM; libtorch's memory comes on top
     * @param checkpointSeconds between checkpoints: what a killed worker costs at most
     */
    public record Resources(int threads, int heapMegabytes, double checkpointSeconds) {}

    /**
     * @param workDirectory this process's alone; made if it does not exist, and emptied of what a process before this one was
     *     killed over
     */
    public TrainingActivitiesImpl(ObjectStore store, Path workDirectory, ProgressReports reports, Resources resources) {
        this.store = store;
        this.folders = new WorkFolders(workDirectory);
        this.reports = reports;
        this.resources = resources;
    }

    @Override
    public TrainedModel train(TrainingJobSpec spec, PreparedData data) {
        var context = Activity.getExecutionContext();
        Path folder = null;
        try (Heartbeats heartbeats = new Heartbeats(() -> context.heartbeat(null))) {
            folder = folders.create("train");
            Attempt attempt = Attempt.claim(store, spec.ref());
            return new Run(spec, data, folder, attempt, heartbeats).run();
        } catch (ProblemException e) {
            throw ActivityFailures.translate(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The worker stops", e);
        } finally {
            if (folder != null) {
                FileTrees.discard(folder);
            }
        }
    }

    /** One attempt at one training, from the download of its data to the upload of its model. */
    private final class Run {
        private final TrainingJobSpec spec;
        private final PreparedData data;
        private final Path folder;
        private final Attempt attempt;
        private final Heartbeats heartbeats;
        private @Nullable RecordedSettings settings;
        private TrialEvent.@Nullable Finished finished;

        Run(TrainingJobSpec spec, PreparedData data, Path folder, Attempt attempt, Heartbeats heartbeats) {
            this.spec = spec;
            this.data = data;
            this.folder = folder;
            this.attempt = attempt;
            this.heartbeats = heartbeats;
        }

        TrainedModel run() throws IOException, InterruptedException {
            report("Loading the data and the base model");
            TrialSpec trial = trial();
            try (TrialProcess process = TrialProcess.start(trial, resources.heapMegabytes())) {
                heartbeats.onEnd(process::close);
                LOG.info("Attempt {} of {} is process {}", attempt.number(), spec.ref(), process.pid());
                int status = process.follow(event -> hear(event, trial));
                heartbeats.check();
                if (finished == null) {
                    throw new IOException("The training process ended with status " + status + "; see its log above");
                }
            }
            return trained(trial, finished);
        }

        private TrialSpec trial() {
            Path baseModel = null;
            if (spec.baseModelPrefix() != null) {
                baseModel = folder.resolve("base-model");
                store.downloadDirectory(spec.baseModelPrefix(), baseModel);
            }
            Optional<RecordedSettings> recorded = attempt.recordedSettings();
            Path checkpoint = null;
            Optional<String> newest = attempt.newestCheckpoint();
            if (newest.isPresent()) {
                checkpoint = folder.resolve("checkpoint");
                attempt.downloadCheckpoint(newest.get(), checkpoint);
            }
            heartbeats.check();
            return new TrialSpec(
                    spec.task(),
                    data.labels(),
                    download(Split.TRAIN),
                    download(Split.VALIDATION),
                    baseModel,
                    spec.hyperparameters(),
                    spec.accelerator(),
                    recorded.map(RecordedSettings::threads).orElse(resources.threads()),
                    recorded.map(RecordedSettings::seed).orElseGet(this::chosenSeed),
                    recorded.map(RecordedSettings::precision).orElse(null),
                    checkpoint,
                    folder,
                    resources.checkpointSeconds());
        }

        private long chosenSeed() {
            return spec.hyperparameters().get("seed") instanceof Number seed ? seed.longValue() : DEFAULT_SEED;
        }

        private Path download(Split split) {
            Path file = folder.resolve(split.name() + ".jsonl");
            store.download(Objects.requireNonNull(data.objectKeys().get(split), () -> "No split " + split), file);
            return file;
        }

        private void hear(TrialEvent event, TrialSpec trial) {
            heartbeats.check();
            switch (event) {
                case TrialEvent.Started started -> {
                    settings = record(new RecordedSettings(started.precision(), trial.threads(), trial.seed()));
                    report("Training in " + started.precision().word());
                }
                case TrialEvent.Progressed progress -> reports.send(spec.ref(), report(progress));
                case TrialEvent.Checkpointed checkpoint -> upload(checkpoint);
                case TrialEvent.Failed failure ->
                    throw ApplicationFailure.newNonRetryableFailure(failure.message(), failure.type());
                case TrialEvent.Finished end -> finished = end;
            }
        }

        private RecordedSettings record(RecordedSettings used) {
            RecordedSettings inForce = attempt.record(used);
            if (!inForce.equals(used)) {
                throw new IllegalStateException("Another attempt at " + spec.ref() + " began at the same time: it uses "
                        + inForce + " and this one " + used);
            }
            return used;
        }

        /** A store that is away for a while costs a checkpoint, not the training. */
        private void upload(TrialEvent.Checkpointed checkpoint) {
            try {
                attempt.uploadCheckpoint(checkpoint.folder(), checkpoint.step());
                attempt.pruneCheckpointsBefore(checkpoint.step());
            } catch (UncheckedIOException | ProblemException e) {
                LOG.warn("The checkpoint of step {} of {} is not kept", checkpoint.step(), spec.ref(), e);
            } finally {
                FileTrees.discard(checkpoint.folder());
            }
        }

        private TrainedModel trained(TrialSpec trial, TrialEvent.Finished end) {
            RecordedSettings used = Objects.requireNonNull(settings, "A training says first that it started");
            return new TrainedModel(
                    attempt.uploadModel(trial.model()),
                    end.weightsSha256(),
                    end.hyperparameters(),
                    used.precision().word(),
                    used.threads(),
                    used.seed(),
                    attempt.number(),
                    end.epochs(),
                    end.bestEpoch(),
                    end.validationMetric(),
                    end.samplesPerSecond(),
                    end.trainingSeconds());
        }

        private void report(String message) {
            reports.send(spec.ref(), ProgressReport.message(JobState.TRAINING, attempt.number(), message));
        }

        private ProgressReport report(TrialEvent.Progressed progress) {
            return new ProgressReport(
                    JobState.TRAINING,
                    attempt.number(),
                    progress.message(),
                    progress.epoch(),
                    progress.epochs(),
                    progress.step(),
                    progress.steps(),
                    progress.loss(),
                    progress.samplesPerSecond(),
                    progress.secondsRemaining(),
                    progress.metrics());
        }
    }
}
