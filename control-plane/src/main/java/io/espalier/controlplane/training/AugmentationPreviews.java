package io.espalier.controlplane.training;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.dataset.DatasetVersions;
import io.espalier.controlplane.dataset.TrainableVersion;
import io.espalier.controlplane.temporal.Workflows;
import io.espalier.controlplane.temporal.Workflows.Ending;
import io.temporal.client.WorkflowFailedException;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TimeoutFailure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * Shows what a training would make of a dataset version's examples. A worker draws a sheet once; it lies with the version's
 * objects from then on and goes with them.
 */
@Service
public class AugmentationPreviews {
    /** Seconds that a request waits for its sheet. */
    static final String PATIENCE = "ESPALIER_PREVIEW_SECONDS";

    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

    private final DatasetVersions versions;
    private final Workflows workflows;
    private final ObjectStore store;
    private final JsonMapper json;
    private final Duration patience;

    AugmentationPreviews(
            DatasetVersions versions, Workflows workflows, ObjectStore store, JsonMapper json, Settings settings) {
        this.versions = versions;
        this.workflows = workflows;
        this.store = store;
        this.json = json;
        this.patience = Duration.ofSeconds(settings.getInt(PATIENCE, 60));
    }

    /**
     * What a sheet is to show.
     *
     * @param images at most; there are fewer where the version has few, or very large ones
     * @param variants of each
     */
    public record Wish(Map<String, Object> hyperparameters, int images, int variants, int seed) {}

    /**
     * Draws the sheet unless it is there, and waits for it on the caller's thread, outside of any transaction.
     *
     * @param selector a version's number in its dataset, or its id
     * @return the key of a PNG
     * @throws ProblemException NOT_FOUND for the version; CONFLICT if it is not ready or has nothing to preview; INVALID_REQUEST
     *     with everything that is wrong with the hyperparameters; OVERLOADED where no worker has drawn it in time; UNAVAILABLE
     *     where Temporal cannot be reached
     */
    public String draw(UUID tenant, UUID dataset, String selector, Wish wish) {
        AugmentationPreviewSpec spec = spec(versions.lookUp(tenant, dataset, selector), wish);
        if (!store.exists(spec.objectKey())) {
            if (!store.exists(ObjectKeys.datasetSample(spec.reportKey()))) {
                throw conflict(
                        "The version was inspected by a release that kept no sample of it; make another version of the same files.");
            }
            draw(spec);
        }
        return spec.objectKey();
    }

    private AugmentationPreviewSpec spec(DatasetVersions.Lookup found, Wish wish) {
        TrainableVersion version = switch (found) {
            case DatasetVersions.Lookup.Ready(TrainableVersion ready) -> ready;
            case DatasetVersions.Lookup.NotReady(var state) ->
                throw conflict("The version is %s; only a READY one can be trained on.".formatted(state));
            case DatasetVersions.Lookup.Unknown() ->
                throw new ProblemException(ProblemType.NOT_FOUND, "There is no such dataset version.");
        };
        TaskDescriptor task = Tasks.find(version.task()).orElseThrow();
        if (!task.augments()) {
            throw conflict(task.name() + " has no augmentation to preview.");
        }
        List<FieldError> errors = task.check(wish.hyperparameters());
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The preview cannot be drawn like this.", errors);
        }
        return new AugmentationPreviewSpec(
                version.ref(),
                task.name(),
                version.reportKey(),
                wish.hyperparameters(),
                wish.images(),
                wish.variants(),
                wish.seed(),
                digest(version, wish));
    }

    /** The files of a version never change; another mapping has another report. */
    private String digest(TrainableVersion version, Wish wish) {
        byte[] content = json.writeValueAsBytes(List.of(
                version.reportKey(),
                new TreeMap<>(wish.hyperparameters()),
                wish.images(),
                wish.variants(),
                wish.seed()));
        return Sha256.of(content);
    }

    private void draw(AugmentationPreviewSpec spec) {
        long deadline = System.nanoTime() + patience.toNanos();
        // Starting takes up to the minute that Temporal's client retries for.
        boolean started = CompletableFuture.supplyAsync(() -> workflows.startPreview(spec), Thread::startVirtualThread)
                .completeOnTimeout(false, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        if (!started) {
            throw ProblemException.passing(
                    ProblemType.UNAVAILABLE, "Previews cannot be drawn at the moment; try again soon.", RETRY_AFTER);
        }
        Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
        switch (workflows.await(spec.workflowId(), left)) {
            case Ending.Completed() -> {}
            case Ending.Failed(WorkflowFailedException failure) -> throw problem(failure);
            case Ending.Unknown() -> throw busy();
        }
    }

    private static RuntimeException problem(WorkflowFailedException failure) {
        Throwable cause = failure.getCause() instanceof ActivityFailure activity ? activity.getCause() : null;
        if (cause instanceof TimeoutFailure) {
            return busy();
        }
        if (cause instanceof ApplicationFailure known && FailureTypes.NOT_RETRYABLE.contains(known.getType())) {
            return new ProblemException(ProblemType.INVALID_DATASET, known.getOriginalMessage());
        }
        return new IllegalStateException("The preview could not be drawn", failure);
    }

    private static ProblemException busy() {
        return ProblemException.passing(
                ProblemType.OVERLOADED,
                "No training worker could draw the preview in time; they are busy. Ask again: it is kept once it is drawn.",
                RETRY_AFTER);
    }

    private static ProblemException conflict(String detail) {
        return new ProblemException(ProblemType.CONFLICT, detail);
    }
}
