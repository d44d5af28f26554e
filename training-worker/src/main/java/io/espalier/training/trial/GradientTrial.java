package io.espalier.training.trial;

import ai.djl.Device;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.training.checkpoint.Checkpoint;
import io.espalier.training.loop.LoopListener;
import io.espalier.training.loop.LoopState;
import io.espalier.training.loop.LoopState.Best;
import io.espalier.training.loop.TrainingLoop;
import io.espalier.training.program.Network;
import io.espalier.training.task.GradientTask;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
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
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A training by gradients: the loop, its checkpoints, and the best epoch's weights. */
final class GradientTrial implements LoopListener {
    private static final Logger LOG = LoggerFactory.getLogger(GradientTrial.class);
    private static final long PROGRESS_NANOS = 2_000_000_000L;

    private final TrialSpec spec;
    private final PrintStream events;
    private final Trainable trainable;
    private final Precision precision;
    private final Network network;
    private final TrainingLoop loop;
    private long lastProgress;
    private double lastLoss;
    private long lastCheckpoint = System.nanoTime();
    private int checkpointedStep;
    private @Nullable Path best;

    private GradientTrial(
            TrialSpec spec, PrintStream events, Trainable trainable, Precision precision, Network network) {
        this.spec = spec;
        this.events = events;
        this.trainable = trainable;
        this.precision = precision;
        this.network = network;
        TaskDescriptor task = Tasks.find(spec.task()).orElseThrow();
        this.loop = new TrainingLoop(trainable, network, task, spec.labels(), spec.seed(), this);
    }

    static void run(TrialSpec spec, GradientTask task, PrintStream events) throws IOException {
        Device device = spec.accelerator() == Accelerator.CUDA ? Device.gpu() : Device.cpu();
        Trainable trainable = task.prepare(spec.files(), new Hyperparameters(spec.hyperparameters()), spec.seed());
        LOG.info(
                "{} on {} rows, {} to validate on: {}",
                spec.task(),
                trainable.train().size(),
                trainable.validation().size(),
                trainable.hyperparameters().values());
        Precision given = precision(spec, trainable.hyperparameters());
        Precision first = given == null ? Precision.FP32 : given;
        try (Network network = Network.load(trainable.program(first), trainable.parameters(), device)) {
            Precision precision = given == null ? PrecisionChoice.byTiming(trainable, network) : given;
            new GradientTrial(spec, events, trainable, precision, network).run();
        }
    }

    /** @return null where timing is to choose */
    private static @Nullable Precision precision(TrialSpec spec, Hyperparameters chosen) {
        if (spec.precision() != null) {
            return spec.precision();
        }
        boolean automatic = !chosen.has("precision") || chosen.word("precision").equals("auto");
        return automatic ? null : Precision.of(chosen.word("precision"));
    }

    private void run() throws IOException {
        Files.createDirectories(spec.work().resolve(TrialSpec.CHECKPOINTS));
        Files.createDirectories(spec.model());
        Trial.say(events, new TrialEvent.Started(precision, loop.epochs(), loop.steps()));
        LoopState start = spec.resumeFrom() == null ? LoopState.START : resume(spec.resumeFrom());
        LoopState end = loop.run(start);
        Best bestEpoch = Objects.requireNonNull(end.best());
        Path weights = spec.model().resolve(TrainedFiles.WEIGHTS);
        Files.move(Objects.requireNonNull(best), weights, StandardCopyOption.REPLACE_EXISTING);
        trainable.writeTransform(spec.model());
        Map<String, Object> hyperparameters =
                trainable.hyperparameters().with("seed", spec.seed()).values();
        TrainedFiles.write(
                spec.model(),
                new TrainedFiles.Description(
                        spec.task(), spec.labels(), hyperparameters, trainable.architecture(), null));
        Trial.say(
                events,
                new TrialEvent.Finished(
                        Sha256.of(weights),
                        hyperparameters,
                        end.epoch() - 1,
                        bestEpoch.epoch(),
                        bestEpoch.metric(),
                        end.samples() / end.stepSeconds(),
                        end.stepSeconds()));
    }

    private LoopState resume(Path checkpoint) throws IOException {
        Path restored = spec.work().resolve("best-restored.safetensors");
        LoopState state = Checkpoint.restore(checkpoint, network, restored);
        best = state.best() == null ? null : restored;
        LOG.info("Goes on after step {} of {}", state.step(), loop.steps());
        return state;
    }

    @Override
    public void stepped(LoopState state, double loss) {
        lastLoss = loss;
        if (System.nanoTime() - lastProgress >= PROGRESS_NANOS) {
            progress(state, state.epoch(), null);
        }
        checkpointIfDue(state);
    }

    @Override
    public void validated(LoopState state, Map<String, Double> metrics, boolean isBest) {
        int epoch = state.epoch() - 1;
        LOG.info("Epoch {}: {}", epoch, metrics);
        if (isBest) {
            keep(epoch);
        }
        progress(state, epoch, metrics);
        checkpointIfDue(state);
    }

    /** A new file each time: a checkpoint may still hold on to the one before. */
    private void keep(int epoch) {
        try {
            Path file = spec.work().resolve("best-" + epoch + ".safetensors");
            Safetensors.write(file, network.weights(), Map.of());
            if (best != null) {
                Files.deleteIfExists(best);
            }
            best = file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkpointIfDue(LoopState state) {
        double secondsSinceLast = (System.nanoTime() - lastCheckpoint) / 1e9;
        boolean due = isCheckpointDue(secondsSinceLast, secondsRemaining(state), spec.checkpointSeconds());
        // Where the store is slower than the training, checkpoints would pile up on the disk.
        boolean lastOneTaken = Files.notExists(spec.checkpoint(checkpointedStep));
        if (!due || !lastOneTaken || state.step() == checkpointedStep) {
            return;
        }
        try {
            Path folder = spec.checkpoint(state.step());
            Checkpoint.write(folder, network, state, best);
            Trial.say(events, new TrialEvent.Checkpointed(state.step(), folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lastCheckpoint = System.nanoTime();
        checkpointedStep = state.step();
    }

    /** Not where less is left to do than lies between two of them: it would cost more than it can be expected to save. */
    static boolean isCheckpointDue(double secondsSinceLast, double secondsRemaining, double interval) {
        return secondsSinceLast >= interval && secondsRemaining >= interval;
    }

    private void progress(LoopState state, int epoch, @Nullable Map<String, Double> metrics) {
        lastProgress = System.nanoTime();
        Trial.say(
                events,
                new TrialEvent.Progressed(
                        "Epoch %d of %d".formatted(epoch, loop.epochs()),
                        epoch,
                        loop.epochs(),
                        state.step(),
                        loop.steps(),
                        lastLoss,
                        state.samples() / state.stepSeconds(),
                        secondsRemaining(state),
                        metrics));
    }

    /** If all epochs are needed. */
    private double secondsRemaining(LoopState state) {
        return (loop.steps() - state.step()) * state.stepSeconds() / state.step();
    }
}
