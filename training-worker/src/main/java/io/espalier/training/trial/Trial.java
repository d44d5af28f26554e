package io.espalier.training.trial;

import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.training.loop.DivergedException;
import io.espalier.training.task.FittingTask;
import io.espalier.training.task.GradientTask;
import io.espalier.training.task.TrainingTasks;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One training, in a process of its own: libtorch can abort a process, its memory comes back for certain, and cancelling is a
 * kill. Reads a {@link TrialSpec} from the file that its argument names, says {@link TrialEvent}s on standard output, and logs
 * to standard error. It ends by itself when standard input closes: then the process that started it is gone.
 */
public final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int ORPHANED = 3;

    private Trial() {}

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
        switch (TrainingTasks.get(spec.task())) {
            case GradientTask task -> GradientTrial.run(spec, task, events);
            case FittingTask task -> FitTrial.run(spec, task, events);
        }
    }

    static void say(PrintStream events, TrialEvent event) {
        synchronized (events) {
            events.println(JSON.writeValueAsString(event));
            events.flush();
        }
    }
}
