package io.espalier.controlplane.training;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.job.TrainingOutcome;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.BaseModels;
import io.espalier.controlplane.catalog.Product;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.dataset.DatasetVersions;
import io.espalier.controlplane.dataset.TrainableVersion;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Training jobs, from the wish to the model version. The database is the record of what should run and what came of it;
 * Temporal only runs it. So every change is a transaction on the job's row, and workflows follow the commit.
 */
@Service
public class TrainingJobs {
    static final Set<JobState> FINAL = EnumSet.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED);

    private static final int JOBS_TO_ESTIMATE_BY = 5;

    private final TrainingJobRepository jobs;
    private final TrainingQueue queue;
    private final ModelVersionRepository modelVersions;
    private final JobEvents events;
    private final Products products;
    private final BaseModels baseModels;
    private final DatasetVersions datasetVersions;
    private final ObjectDeletions deletions;
    private final ApplicationEventPublisher publisher;
    private final Accelerator accelerator;

    TrainingJobs(
            TrainingJobRepository jobs,
            TrainingQueue queue,
            ModelVersionRepository modelVersions,
            JobEvents events,
            Products products,
            BaseModels baseModels,
            DatasetVersions datasetVersions,
            ObjectDeletions deletions,
            ApplicationEventPublisher publisher,
            Settings settings) {
        this.jobs = jobs;
        this.queue = queue;
        this.modelVersions = modelVersions;
        this.events = events;
        this.products = products;
        this.baseModels = baseModels;
        this.datasetVersions = datasetVersions;
        this.deletions = deletions;
        this.publisher = publisher;
        this.accelerator = Accelerator.valueOf(settings.get("ESPALIER_TRAINING_ACCELERATOR", Accelerator.CPU.name()));
    }

    /** A job was committed; its workflow may start. */
    record Submitted(JobRef job) {}

    /** The wish to cancel a job was committed; its workflow may be told. */
    record CancelRequested(JobRef job) {}

    /** What a job is to be made from. */
    public record Wish(UUID datasetVersion, Map<String, Object> hyperparameters) {}

    /** A wish that can be fulfilled. */
    private record Checked(Product product, TaskDescriptor task, TrainableVersion version) {}

    /** @throws ProblemException NOT_FOUND for the product; INVALID_REQUEST with everything that is wrong with the wish */
    @Transactional
    public TrainingJobResponse create(UUID tenant, UUID product, Wish wish) {
        Checked checked = check(tenant, product, wish, datasetVersions.use(tenant, wish.datasetVersion()));
        TrainableVersion version = checked.version();
        return submit(
                new TrainingJobSpec(
                        new JobRef(tenant, Ids.next()),
                        product,
                        checked.task().name(),
                        version.ref().version(),
                        version.contentHash(),
                        version.parts(),
                        version.mapping(),
                        checked.product().baseModel(),
                        baseModels.prefix(checked.product()),
                        wish.hyperparameters(),
                        accelerator),
                null);
    }

    /** What the job would take, without making one; a wish is checked as for {@link #create}. */
    @Transactional(readOnly = true)
    public Estimate estimate(UUID tenant, UUID product, Wish wish) {
        Checked checked = check(tenant, product, wish, datasetVersions.lookUp(tenant, wish.datasetVersion()));
        List<TrainedModel> past = jobs
                .findByTenantIdAndTaskAndStateOrderByIdDesc(
                        tenant, checked.task().name(), JobState.SUCCEEDED, Limit.of(JOBS_TO_ESTIMATE_BY))
                .stream()
                .filter(job ->
                        Objects.equals(job.spec().baseModel(), checked.product().baseModel()))
                .map(TrainingJob::trained)
                .filter(Objects::nonNull)
                .toList();
        return Estimate.of(checked.task(), checked.version(), wish.hyperparameters(), past);
    }

    private Checked check(UUID tenant, UUID productId, Wish wish, DatasetVersions.Lookup datasetVersion) {
        Product product = products.require(tenant, productId);
        TaskDescriptor task = Tasks.find(product.task()).orElseThrow();
        List<FieldError> errors = new ArrayList<>();
        TrainableVersion version = switch (datasetVersion) {
            case DatasetVersions.Lookup.Ready(TrainableVersion ready) -> {
                if (!ready.task().equals(task.name())) {
                    errors.add(new FieldError(
                            "datasetVersion", "is for %s; the product needs %s".formatted(ready.task(), task.name())));
                }
                yield ready;
            }
            case DatasetVersions.Lookup.NotReady(var state) -> {
                errors.add(new FieldError("datasetVersion", "is " + state + "; only a READY one can be trained on"));
                yield null;
            }
            case DatasetVersions.Lookup.Unknown() -> {
                errors.add(new FieldError("datasetVersion", "does not exist"));
                yield null;
            }
        };
        errors.addAll(task.check(wish.hyperparameters()));
        if (version == null || !errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The job cannot be started like this.", errors);
        }
        return new Checked(product, task, version);
    }

    private TrainingJobResponse submit(TrainingJobSpec spec, @Nullable UUID retryOf) {
        Instant now = now();
        // Its events are written past Hibernate, and refer to the row.
        TrainingJob job = jobs.saveAndFlush(new TrainingJob(spec, retryOf, now));
        events.stateChanged(job, now);
        publisher.publishEvent(new Submitted(job.ref()));
        return response(job);
    }

    /**
     * Makes another job with the input of one that failed or was cancelled.
     *
     * @throws ProblemException CONFLICT if the job runs or has succeeded, or its dataset version is gone
     */
    @Transactional
    public TrainingJobResponse retry(UUID tenant, UUID id) {
        TrainingJob failed = lock(tenant, id);
        if (failed.state() != JobState.FAILED && failed.state() != JobState.CANCELLED) {
            throw new ProblemException(
                    ProblemType.CONFLICT,
                    "The job is %s; only a failed or cancelled job can be tried again.".formatted(failed.state()));
        }
        if (!(datasetVersions.use(tenant, failed.spec().datasetVersion())
                instanceof DatasetVersions.Lookup.Ready(TrainableVersion version))) {
            throw new ProblemException(ProblemType.CONFLICT, "The dataset version of this job was deleted.");
        }
        TrainingJobSpec input = failed.spec();
        return submit(
                new TrainingJobSpec(
                        new JobRef(tenant, Ids.next()),
                        input.product(),
                        input.task(),
                        input.datasetVersion(),
                        input.datasetContentHash(),
                        input.parts(),
                        version.mapping(),
                        input.baseModel(),
                        input.baseModelPrefix(),
                        input.hyperparameters(),
                        input.accelerator()),
                id);
    }

    /** Asks the job to end. Idempotent until it has: then @throws ProblemException CONFLICT */
    @Transactional
    public TrainingJobResponse cancel(UUID tenant, UUID id) {
        TrainingJob job = lock(tenant, id);
        if (job.state().isFinal()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "The job has ended already: it is %s.".formatted(job.state()));
        }
        job.requestCancel(now());
        publisher.publishEvent(new CancelRequested(job.ref()));
        return response(job);
    }

    @Transactional(readOnly = true)
    public TrainingJobResponse get(UUID tenant, UUID id) {
        return response(jobs.findByTenantIdAndId(tenant, id).orElseThrow(TrainingJobs::unknown));
    }

    /** Whether nothing will happen to the job any more; true also for one that is gone. */
    @Transactional(readOnly = true)
    public boolean hasEnded(JobRef ref) {
        return jobs.stateOf(ref.tenant(), ref.job()).map(JobState::isFinal).orElse(true);
    }

    /** @param states empty for all */
    @Transactional(readOnly = true)
    public Page<TrainingJobResponse> list(UUID tenant, @Nullable UUID product, Set<JobState> states, PageRequest page) {
        List<TrainingJob> found = jobs.page(
                tenant,
                product,
                states.isEmpty() ? EnumSet.allOf(JobState.class) : states,
                page.before(),
                Limit.of(page.limit() + 1));
        Map<UUID, Integer> positions = queue.positions(found.stream()
                .filter(job -> job.state() == JobState.QUEUED)
                .map(TrainingJob::id)
                .toList());
        Map<UUID, Integer> numbers = modelVersions.numbersOfJobs(
                tenant, found.stream().map(TrainingJob::id).toList());
        return page.of(
                found,
                TrainingJob::id,
                job -> TrainingJobResponse.inList(job, positions.getOrDefault(job.id(), 0), numbers.get(job.id())));
    }

    private TrainingJobResponse response(TrainingJob job) {
        int position = job.state() == JobState.QUEUED
                ? queue.positions(List.of(job.id())).getOrDefault(job.id(), 0)
                : 0;
        return TrainingJobResponse.of(
                job,
                position,
                modelVersions.numbersOfJobs(job.tenantId(), List.of(job.id())).get(job.id()));
    }

    // What the workflow and the worker say.

    /** @throws ProblemException CONFLICT if the job has ended: there is nothing to do */
    @Transactional
    public TrainingJobSpec begin(JobRef ref) {
        TrainingJob job = lock(ref.tenant(), ref.job());
        if (job.state().isFinal()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "The job has ended already: it is %s.".formatted(job.state()));
        }
        return job.spec();
    }

    /** Moves the job forward; one that is further on, has ended or is gone stays as it is. */
    @Transactional
    public void enter(JobRef ref, JobState state) {
        jobs.lock(ref.tenant(), ref.job()).ifPresent(job -> enter(job, state));
    }

    private void enter(TrainingJob job, JobState state) {
        Instant now = now();
        if (job.enter(state, now)) {
            events.stateChanged(job, now);
        }
    }

    /** Ends the job without a model version; one that has ended or is gone stays as it is. */
    @Transactional
    public void end(JobRef ref, JobState last, String reason) {
        jobs.lock(ref.tenant(), ref.job()).ifPresent(job -> {
            Instant now = now();
            if (job.end(last, reason, now)) {
                events.stateChanged(job, now);
                deletions.prefix(ref.tenant(), ObjectKeys.job(ref));
            }
        });
    }

    /** Records what a worker reports of itself; what comes too late is dropped. */
    @Transactional
    public void progressed(JobRef ref, ProgressReport report) {
        TrainingJob job = lock(ref.tenant(), ref.job());
        if (!job.accepts(report)) {
            return;
        }
        Instant now = now();
        if (report.state() == JobState.TRAINING) {
            enter(job, JobState.TRAINING);
        }
        job.progressed(report);
        events.progressed(job, report, now);
    }

    /**
     * Makes the one model version of the job and ends it as succeeded, in one transaction; or returns the version made
     * before.
     *
     * @throws ProblemException CONFLICT if the job has ended without one
     */
    @Transactional
    public UUID register(JobRef ref, TrainingOutcome outcome) {
        TrainingJob job = lock(ref.tenant(), ref.job());
        var made = modelVersions.findOfJob(ref.tenant(), ref.job());
        if (made.isPresent()) {
            return made.get().id();
        }
        if (job.state().isFinal()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "The job has ended already: it is %s.".formatted(job.state()));
        }
        TrainingJobSpec spec = job.spec();
        TrainedModel trained = outcome.trained();
        ModelVersion version = new ModelVersion(
                ref.tenant(),
                Ids.next(),
                spec.product(),
                modelVersions.nextNumber(ref.tenant(), spec.product()),
                spec.task(),
                outcome.data().labels(),
                outcome.gate().chosen(),
                outcome.evaluation().metrics(),
                new ModelVersion.Lineage(
                        ref.job(),
                        spec.datasetVersion(),
                        spec.datasetContentHash(),
                        spec.baseModel(),
                        trained.hyperparameters(),
                        trained.seed(),
                        trained.weightsSha256()),
                now());
        modelVersions.insert(version);
        job.outcome(outcome);
        enter(job, JobState.REGISTERING);
        enter(job, JobState.SUCCEEDED);
        // The worker discards what it no longer needs by itself; this is for a worker that dies before, or wakes up
        // late.
        deletions.prefix(ref.tenant(), ObjectKeys.jobScratch(ref));
        outcome.data().objectKeys().values().forEach(key -> deletions.object(ref.tenant(), key));
        deletions.othersUnder(
                ref.tenant(), ObjectKeys.bundles(ref), outcome.gate().chosen().objectKey());
        deletions.othersUnder(
                ref.tenant(), ObjectKeys.trainedModels(ref), ObjectKeys.trainedModel(ref, trained.weightsSha256()));
        return version.id();
    }

    private TrainingJob lock(UUID tenant, UUID id) {
        return jobs.lock(tenant, id).orElseThrow(TrainingJobs::unknown);
    }

    private static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such training job.");
    }

    /** In the database's precision, so that what is answered now is what is answered later. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}
