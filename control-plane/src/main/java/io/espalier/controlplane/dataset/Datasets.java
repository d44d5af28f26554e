package io.espalier.controlplane.dataset;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The datasets of a tenant. */
@Service
public class Datasets {
    private final DatasetRepository datasets;
    private final DatasetVersionRepository versions;
    private final ObjectDeletions deletions;
    private final ApplicationEventPublisher publisher;

    Datasets(
            DatasetRepository datasets,
            DatasetVersionRepository versions,
            ObjectDeletions deletions,
            ApplicationEventPublisher publisher) {
        this.datasets = datasets;
        this.versions = versions;
        this.deletions = deletions;
        this.publisher = publisher;
    }

    @Transactional
    public DatasetResponse create(UUID tenant, String name, String task) {
        if (Tasks.find(task).isEmpty()) {
            throw ProblemException.invalidField(
                    "task",
                    Tasks.ALL.stream()
                            .map(known -> known.name())
                            .collect(java.util.stream.Collectors.joining(", ", "must be one of ", "")));
        }
        return DatasetResponse.of(datasets.save(new Dataset(
                tenant, Ids.next(), name.strip(), task, Instant.now().truncatedTo(ChronoUnit.MILLIS))));
    }

    @Transactional(readOnly = true)
    public DatasetResponse get(UUID tenant, UUID id) {
        return DatasetResponse.of(datasets.findByTenantIdAndId(tenant, id).orElseThrow(Datasets::unknown));
    }

    @Transactional(readOnly = true)
    public Page<DatasetResponse> list(UUID tenant, PageRequest page) {
        List<Dataset> found =
                datasets.findByTenantIdAndIdLessThanOrderByIdDesc(tenant, page.before(), Limit.of(page.limit() + 1));
        return page.of(found, Dataset::id, DatasetResponse::of);
    }

    /**
     * Deletes the dataset with its versions and their objects.
     *
     * @throws ProblemException CONFLICT while a training job runs on one of them
     */
    @Transactional
    public void delete(UUID tenant, UUID id) {
        Dataset dataset = datasets.lock(tenant, id).orElseThrow(Datasets::unknown);
        List<DatasetVersion> gone = versions.lockAll(tenant, id);
        publisher.publishEvent(new DatasetVersionsDeleted(
                tenant, gone.stream().map(DatasetVersion::id).toList()));
        gone.stream().flatMap(version -> version.obsoleteInspection().stream()).forEach(publisher::publishEvent);
        deletions.prefix(tenant, ObjectKeys.dataset(tenant, id));
        datasets.delete(dataset);
    }

    static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such dataset.");
    }
}
