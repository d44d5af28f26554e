package io.espalier.training.trial;

import ai.djl.Device;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.training.checkpoint.Checkpoint;
import io.espalier.training.loop.DivergedException;
import io.espalier.training.loop.LoopListener;
import io.espalier.training.loop.LoopState;
import io.espalier.training.loop.LoopState.Best;
import io.espalier.training.loop.TrainingLoop;
import io.espalier.training.program.Network;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.TrainingTasks;
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
import tools.jackson.databind.json.JsonMapper;

/**
 * One training, in a process of its own: libtorch can abort a process, its memory comes back for certain, and cancelling is a
 * kill. Reads a {@link TrialSpec} from the file that its argument names, says {@link TrialEvent}s on standard output, and logs
 * to standard error. It ends by itself when standard input closes: then the process that started it is gone.
 */
public final class Trial implements LoopListener {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long PROGRESS_NANOS = 2_000_000_000L;
    private static final int ORPHANED = 3;

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

    private Trial(TrialSpec spec, PrintStream events, Trainable trainable, Precision precision, Network network) {
        this.spec = spec;
        this.events = events;
        this.trainable = trainable;
        this.precision = precision;
        this.network = network;
        TaskDescriptor task = Tasks.find(spec.task()).orElseThrow();
        this.loop = new TrainingLoop(trainable, network, task, spec.labels(), spec.seed(), this);
    }

    public static void main(String[] arguments) throws IOException {
        endWithParent();
        // Standard output is for events: whatever a library prints goes to the log.
        PrintStream events = System.out;
        System.setOut(System.err);
        TrialSpec spec = JSON.readValue(Path.of(arguments[0]), TrialSpec.class);
        int status = 0;
        try {
            run(spec, events);
        } catch (DivergedException e) {
            say(events, new TrialEvent.Failed(FailureTypes.TRAINING_IMPOSSIBLE, String.valueOf(e.getMessage())));
        } catch (ProblemException e) {
            say(events, new TrialEvent.Failed(failureType(e.type()), String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            LOG.error("The trial failed", e);
            status = 1;
        }
        events.flush();
        // Not by returning: native threads may be in the way.
        Runtime.getRuntime().halt(status);
    }

    private static String failureType(ProblemType type) {
        return type == ProblemType.INVALID_REQUEST ? FailureTypes.INVALID_CONFIGURATION : FailureTypes.INVALID_DATASET;
    }

    private static void endWithParent() {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // What is written does not matter.
                }
            } catch (IOException _) {
                // A broken pipe is a closed one.
            }
            System.err.println("The training worker is gone; the trial ends.");
            Runtime.getRuntime().halt(ORPHANED);
        });
    }

    private static void run(TrialSpec spec, PrintStream events) throws IOException {
        Device device = spec.accelerator() == Accelerator.CUDA ? Device.gpu() : Device.cpu();
        TrainingFiles files = new TrainingFiles(spec.train(), spec.validation(), spec.labels(), spec.baseModel());
        Trainable trainable =
                TrainingTasks.get(spec.task()).prepare(files, new Hyperparameters(spec.hyperparameters()), spec.seed());
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
            new Trial(spec, events, trainable, precision, network).run();
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
        say(events, new TrialEvent.Started(precision, loop.epochs(), loop.steps()));
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
                new TrainedFiles.Description(spec.task(), spec.labels(), hyperparameters, trainable.architecture()));
        say(
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
            say(events, new TrialEvent.Checkpointed(state.step(), folder));
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
        say(
                events,
                new TrialEvent.Progressed(
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

    private static void say(PrintStream events, TrialEvent event) {
        synchronized (events) {
            events.println(JSON.writeValueAsString(event));
            events.flush();
        }
    }
}
