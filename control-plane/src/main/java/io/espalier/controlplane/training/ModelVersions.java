package io.espalier.controlplane.training;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.BaseModel;
import io.espalier.controlplane.catalog.BaseModels;
import io.espalier.controlplane.catalog.Product;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The model versions of products. */
@Service
public class ModelVersions {
    private final ModelVersionRepository versions;
    private final Products products;
    private final BaseModels baseModels;
    private final ObjectDeletions deletions;
    private final ObjectStore store;
    private final ApplicationEventPublisher publisher;

    ModelVersions(
            ModelVersionRepository versions,
            Products products,
            BaseModels baseModels,
            ObjectDeletions deletions,
            ObjectStore store,
            ApplicationEventPublisher publisher) {
        this.versions = versions;
        this.products = products;
        this.baseModels = baseModels;
        this.deletions = deletions;
        this.store = store;
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
     * Makes a base model of the version, for other products of the tenant to start from.
     *
     * @throws ProblemException NOT_FOUND; CONFLICT if the name is taken, the version's task takes no base model, or its
     *     weights are not there
     */
    @Transactional
    public BaseModel makeBaseModel(UUID tenant, UUID product, int number, String name, @Nullable String description) {
        Product owner = products.require(tenant, product);
        ModelVersion version = versions.hold(tenant, product, number).orElseThrow(ModelVersions::unknown);
        if (!Tasks.find(version.task()).orElseThrow().makesBaseModels()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "No base model is made of a version of " + version.task() + ".");
        }
        JobRef job = new JobRef(tenant, version.lineage().job());
        String prefix = ObjectKeys.trainedModel(job, version.lineage().weightsSha256());
        if (store.list(prefix).isEmpty()) {
            throw new ProblemException(
                    ProblemType.CONFLICT,
                    "The weights of this version were not kept: it is of an older release. Train it again.");
        }
        String source = "version %d of %s".formatted(number, owner.slug());
        return baseModels.create(
                tenant,
                name,
                description == null ? "Made of " + source : description,
                version.task(),
                version.id(),
                source,
                prefix);
    }

    /**
     * Deletes the version with its bundle and weights; the job that made it stays.
     *
     * @throws ProblemException CONFLICT while it is deployed or a base model
     */
    @Transactional
    public void delete(UUID tenant, UUID product, int number) {
        ModelVersion version = versions.lock(tenant, product, number).orElseThrow(ModelVersions::unknown);
        publisher.publishEvent(new ModelVersionDeleted(tenant, product, version.id(), number));
        baseModels.madeOf(tenant, List.of(version.id())).ifPresent(name -> {
            throw new ProblemException(
                    ProblemType.CONFLICT, "This version is the base model %s; delete that first.".formatted(name));
        });
        // With what a late attempt may have left beside it.
        JobRef job = new JobRef(tenant, version.lineage().job());
        deletions.prefix(tenant, ObjectKeys.bundles(job));
        deletions.prefix(tenant, ObjectKeys.trainedModels(job));
        versions.delete(tenant, version.id());
    }

    private static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such model version.");
    }
}
