package io.espalier.controlplane.training;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The model versions of products. */
@Service
public class ModelVersions {
    private final ModelVersionRepository versions;
    private final Products products;
    private final ObjectDeletions deletions;
    private final ApplicationEventPublisher publisher;

    ModelVersions(
            ModelVersionRepository versions,
            Products products,
            ObjectDeletions deletions,
            ApplicationEventPublisher publisher) {
        this.versions = versions;
        this.products = products;
        this.deletions = deletions;
        this.publisher = publisher;
    }

    /** For a deployment that names a version by its number: it is not deleted until the transaction ends. */
    @Transactional
    public Optional<ModelVersion> hold(UUID tenant, UUID product, int number) {
        return versions.hold(tenant, product, number);
    }

    /** For a deployment of a version by its id: it is not deleted until the transaction ends. */
    @Transactional
    public Optional<ModelVersion> hold(UUID tenant, UUID id) {
        return versions.hold(tenant, id);
    }

    /** For a deployment that holds a version by its id. */
    @Transactional(readOnly = true)
    public Optional<ModelVersion> find(UUID tenant, UUID id) {
        return versions.find(tenant, id);
    }

    /** @throws ProblemException NOT_FOUND */
    @Transactional(readOnly = true)
    public ModelVersion get(UUID tenant, UUID product, int number) {
        return versions.find(tenant, product, number).orElseThrow(ModelVersions::unknown);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public Page<ModelVersion> list(UUID tenant, UUID product, PageRequest page) {
        products.require(tenant, product);
        List<ModelVersion> found = versions.list(tenant, product, page.before(), page.limit() + 1);
        return page.of(found, ModelVersion::id, version -> version);
    }

    /**
     * Deletes the version and its bundle; the job that made it stays.
     *
     * @throws ProblemException CONFLICT while it is deployed
     */
    @Transactional
    public void delete(UUID tenant, UUID product, int number) {
        ModelVersion version = versions.lock(tenant, product, number).orElseThrow(ModelVersions::unknown);
        publisher.publishEvent(new ModelVersionDeleted(tenant, product, version.id(), number));
        // With what a late attempt may have left beside it.
        deletions.prefix(
                tenant, ObjectKeys.bundles(new JobRef(tenant, version.lineage().job())));
        versions.delete(tenant, version.id());
    }

    private static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such model version.");
    }
}
