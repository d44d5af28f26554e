package io.espalier.controlplane.dataset;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionProgress;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The versions of datasets: what becomes of them from the first part to the report. {@link Uploads} brings the parts. */
@Service
public class DatasetVersions {
    private final DatasetRepository datasets;
    private final DatasetVersionRepository versions;
    private final UploadedPartRepository parts;
    private final ObjectStore store;
    private final ObjectDeletions deletions;
    private final ApplicationEventPublisher publisher;
    private final TransactionTemplate transaction;
    private final JsonMapper json;

    DatasetVersions(
            DatasetRepository datasets,
            DatasetVersionRepository versions,
            UploadedPartRepository parts,
            ObjectStore store,
            ObjectDeletions deletions,
            ApplicationEventPublisher publisher,
            TransactionTemplate transaction,
            JsonMapper json) {
        this.datasets = datasets;
        this.versions = versions;
        this.parts = parts;
        this.store = store;
        this.deletions = deletions;
        this.publisher = publisher;
        this.transaction = transaction;
        this.json = json;
    }

    /** A version waits for its inspection; committed. */
    record InspectionDue(InspectionSpec spec, int revision) {}

    /** An inspection is not wanted any more; committed. */
    record InspectionObsolete(String workflowId) {}

    @Transactional
    public DatasetVersionResponse create(UUID tenant, UUID datasetId, ColumnMapping mapping) {
        Dataset dataset = datasets.lock(tenant, datasetId).orElseThrow(Datasets::unknown);
        MappingRules.check(mapping, task(dataset));
        DatasetVersion version = versions.save(
                new DatasetVersion(tenant, Ids.next(), datasetId, dataset.nextVersionNumber(), mapping, now()));
        return DatasetVersionResponse.of(version, List.of());
    }

    @Transactional(readOnly = true)
    public DatasetVersionResponse get(UUID tenant, UUID dataset, String selector) {
        return response(read(tenant, dataset, selector));
    }

    @Transactional(readOnly = true)
    public Page<DatasetVersionResponse> list(UUID tenant, UUID dataset, PageRequest page) {
        if (!datasets.existsByTenantIdAndId(tenant, dataset)) {
            throw Datasets.unknown();
        }
        List<DatasetVersion> found = versions.findByTenantIdAndDatasetIdAndIdLessThanOrderByIdDesc(
                tenant, dataset, page.before(), Limit.of(page.limit() + 1));
        Map<UUID, List<UploadedPart>> partsByVersion = parts
                .findByTenantIdAndVersionIdInOrderByName(
                        tenant, found.stream().map(DatasetVersion::id).toList())
                .stream()
                .collect(Collectors.groupingBy(UploadedPart::versionId));
        return page.of(
                found,
                DatasetVersion::id,
                version -> DatasetVersionResponse.of(version, partsByVersion.getOrDefault(version.id(), List.of())));
    }

    /**
     * Deletes the version and its objects.
     *
     * @throws ProblemException CONFLICT while a training job runs on it
     */
    @Transactional
    public void delete(UUID tenant, UUID dataset, String selector) {
        DatasetVersion version = lock(tenant, resolve(tenant, dataset, selector));
        publisher.publishEvent(new DatasetVersionsDeleted(tenant, List.of(version.id())));
        version.obsoleteInspection().ifPresent(publisher::publishEvent);
        deletions.prefix(tenant, ObjectKeys.datasetVersion(version.ref()));
        versions.delete(version);
    }

    /**
     * Gives the columns other roles and inspects again, where the version was inspected already.
     *
     * @throws ProblemException CONFLICT once a job has used the version, or while it is being inspected
     */
    @Transactional
    public DatasetVersionResponse correctMapping(UUID tenant, UUID dataset, String selector, ColumnMapping mapping) {
        DatasetVersion version = lock(tenant, resolve(tenant, dataset, selector));
        MappingRules.check(mapping, task(version));
        version.correct(mapping);
        inspectIfDue(version);
        return response(version);
    }

    /**
     * Where the report of the newest inspection is, as JSON.
     *
     * @throws ProblemException CONFLICT before there is one
     */
    @Transactional(readOnly = true)
    public String reportKey(UUID tenant, UUID dataset, String selector) {
        DatasetVersion version = read(tenant, dataset, selector);
        return switch (version.state()) {
            case READY, INVALID -> version.reportKey();
            case UPLOADING -> throw noReport("Complete the upload first: then the version is inspected.");
            case INSPECTING -> throw noReport("The version is still being inspected.");
            case FAILED -> throw noReport("The version could not be inspected: " + version.failure());
        };
    }

    private static ProblemException noReport(String why) {
        return new ProblemException(ProblemType.CONFLICT, why);
    }

    /** An upload that goes on. */
    record Open(DatasetVersionRef ref, List<UploadedPart> parts) {}

    /** @throws ProblemException CONFLICT if the upload is complete already */
    @Transactional(readOnly = true)
    Open open(UUID tenant, UUID dataset, String selector) {
        DatasetVersion version = read(tenant, dataset, selector);
        version.requireUploading();
        return new Open(version.ref(), parts(version));
    }

    /**
     * Adds the part, in the place of one of the same name.
     *
     * @throws ProblemException CONFLICT if the upload was completed meanwhile
     */
    @Transactional
    DatasetVersionResponse.Part put(DatasetVersionRef ref, UploadedPart part) {
        lock(ref.tenant(), ref.version()).requireUploading();
        parts.findByTenantIdAndVersionIdAndName(ref.tenant(), ref.version(), part.name())
                .ifPresent(old -> {
                    deletions.object(ref.tenant(), old.objectKey());
                    parts.delete(old);
                    // Before the new row comes: their names are the same.
                    parts.flush();
                });
        return DatasetVersionResponse.Part.of(parts.save(part));
    }

    /** Deletes the object of an upload that did not become a part, whatever of it has arrived. */
    @Transactional
    void discard(UUID tenant, String objectKey) {
        deletions.object(tenant, objectKey);
    }

    /**
     * Ends the upload: from here on the data stays as it is.
     *
     * @param arrivals of all parts, by id, as the store has them
     * @throws ProblemException CONFLICT if a part was added or replaced since the store was looked at
     */
    @Transactional
    DatasetVersionResponse complete(DatasetVersionRef ref, Map<UUID, UploadedPart.Arrival> arrivals) {
        DatasetVersion version = lock(ref.tenant(), ref.version());
        List<UploadedPart> uploaded = parts(version);
        version.complete(now());
        for (UploadedPart part : uploaded) {
            UploadedPart.Arrival arrival = arrivals.get(part.id());
            if (arrival == null) {
                throw new ProblemException(
                        ProblemType.CONFLICT, part.name() + " was uploaded meanwhile; complete the version again.");
            }
            if (!arrival.objectKey().equals(part.objectKey())) {
                deletions.object(ref.tenant(), part.objectKey());
            }
            part.arrived(arrival);
        }
        inspectIfDue(version);
        return DatasetVersionResponse.of(version, uploaded);
    }

    private void inspectIfDue(DatasetVersion version) {
        if (version.state() == DatasetVersionState.INSPECTING) {
            publisher.publishEvent(new InspectionDue(inspection(version), version.revision()));
        }
    }

    private InspectionSpec inspection(DatasetVersion version) {
        return version.inspection(
                task(version).name(),
                parts(version).stream().map(UploadedPart::toDatasetPart).toList());
    }

    /** The inspection that a version waits for now; empty where it does not wait. */
    @Transactional(readOnly = true)
    Optional<InspectionDue> dueInspection(UUID tenant, UUID id) {
        return versions.findByTenantIdAndId(tenant, id)
                .filter(version -> version.state() == DatasetVersionState.INSPECTING)
                .map(version -> new InspectionDue(inspection(version), version.revision()));
    }

    /**
     * Records what came of an inspection. Idempotent; the outcome of a revision that is over, or of a version that is gone,
     * changes nothing.
     */
    public void inspected(InspectionSpec spec, @Nullable InspectionOutcome outcome, @Nullable String failure) {
        UUID tenant = spec.version().tenant();
        UUID id = spec.version().version();
        if (outcome == null) {
            String reason = Objects.requireNonNullElse(failure, "The inspection failed.");
            transaction.executeWithoutResult(status -> versions.lock(tenant, id)
                    .filter(version -> version.awaits(spec.reportKey()))
                    .ifPresent(version -> version.failed(reason, now())));
            return;
        }
        boolean awaited = Boolean.TRUE.equals(transaction.execute(status -> versions.findByTenantIdAndId(tenant, id)
                .filter(version -> version.awaits(spec.reportKey()))
                .isPresent()));
        if (!awaited) {
            return;
        }
        // Between two transactions: a slow store must hold up nobody who wants the row.
        DatasetReport report = json.readValue(store.get(spec.reportKey()), DatasetReport.class);
        transaction.executeWithoutResult(status -> versions.lock(tenant, id)
                .filter(version -> version.awaits(spec.reportKey()))
                .ifPresent(version -> version.inspected(outcome, report, now())));
    }

    /** Records what a worker reports of an inspection; what comes too late is dropped. */
    @Transactional
    public void progressed(UUID tenant, UUID id, InspectionProgress progress) {
        versions.lock(tenant, id)
                .filter(version -> version.awaits(progress.reportKey()))
                .ifPresent(version -> version.progressed(progress.message()));
    }

    /** A version as a training job finds it. */
    public sealed interface Lookup {
        record Ready(TrainableVersion version) implements Lookup {}

        record NotReady(DatasetVersionState state) implements Lookup {}

        /** It does not exist for this tenant. */
        record Unknown() implements Lookup {}
    }

    @Transactional(readOnly = true)
    public Lookup lookUp(UUID tenant, UUID id) {
        return versions.findByTenantIdAndId(tenant, id).map(this::lookUp).orElseGet(Lookup.Unknown::new);
    }

    /**
     * Like {@link #lookUp(UUID, UUID)}, by where the version stands in a path.
     *
     * @throws ProblemException NOT_FOUND if it does not exist for this tenant
     */
    @Transactional(readOnly = true)
    public Lookup lookUp(UUID tenant, UUID dataset, String selector) {
        return lookUp(read(tenant, dataset, selector));
    }

    private Lookup lookUp(DatasetVersion version) {
        if (version.state() != DatasetVersionState.READY) {
            return new Lookup.NotReady(version.state());
        }
        TaskDescriptor task = task(version);
        return new Lookup.Ready(new TrainableVersion(
                version.ref(),
                version.number(),
                task.name(),
                Objects.requireNonNull(version.contentHash()),
                parts(version).stream().map(UploadedPart::toDatasetPart).toList(),
                settled(Objects.requireNonNull(version.effectiveMapping()), task),
                version.reportKey(),
                Objects.requireNonNull(version.rowsBySplit()),
                version.classes()));
    }

    /**
     * The mapping, in which no column has a role that need not be there and that the task had not yet when the version was inspected: it is not to be
     * guessed anew.
     */
    private static ColumnMapping settled(ColumnMapping mapping, TaskDescriptor task) {
        Map<String, List<String>> columns = new LinkedHashMap<>(mapping.columnsByRole());
        task.columns().stream()
                .filter(role -> !role.required() && role.byName())
                .forEach(role -> columns.putIfAbsent(role.name(), List.of()));
        return new ColumnMapping(columns, mapping.splitColumn());
    }

    /**
     * Like {@link #lookUp(UUID, UUID)}; a version that is ready is held as it is for a job made in the same transaction, and keeps its
     * mapping from then on.
     */
    @Transactional
    public Lookup use(UUID tenant, UUID id) {
        Optional<DatasetVersion> version = versions.lock(tenant, id);
        version.filter(found -> found.state() == DatasetVersionState.READY).ifPresent(DatasetVersion::markUsed);
        return version.map(this::lookUp).orElseGet(Lookup.Unknown::new);
    }

    /** @param selector a version's number in its dataset, or its id */
    private UUID resolve(UUID tenant, UUID dataset, String selector) {
        if (selector.matches("[1-9][0-9]{0,8}")) {
            return versions.idOf(tenant, dataset, Integer.parseInt(selector)).orElseThrow(DatasetVersions::unknown);
        }
        try {
            return versions.idOf(tenant, dataset, UUID.fromString(selector)).orElseThrow(DatasetVersions::unknown);
        } catch (IllegalArgumentException e) {
            throw unknown();
        }
    }

    private DatasetVersion read(UUID tenant, UUID dataset, String selector) {
        return versions.findByTenantIdAndId(tenant, resolve(tenant, dataset, selector))
                .orElseThrow(DatasetVersions::unknown);
    }

    private List<UploadedPart> parts(DatasetVersion version) {
        return parts.findByTenantIdAndVersionIdInOrderByName(version.tenantId(), List.of(version.id()));
    }

    private DatasetVersion lock(UUID tenant, UUID id) {
        return versions.lock(tenant, id).orElseThrow(DatasetVersions::unknown);
    }

    private DatasetVersionResponse response(DatasetVersion version) {
        return DatasetVersionResponse.of(version, parts(version));
    }

    private TaskDescriptor task(DatasetVersion version) {
        return task(datasets.findByTenantIdAndId(version.tenantId(), version.datasetId())
                .orElseThrow(Datasets::unknown));
    }

    private static TaskDescriptor task(Dataset dataset) {
        return Tasks.find(dataset.task()).orElseThrow();
    }

    static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such dataset version.");
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}
