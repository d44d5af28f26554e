package io.espalier.controlplane.serving;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.RoutesChanged;
import io.espalier.controlplane.training.ModelVersion;
import io.espalier.controlplane.training.ModelVersionDeleted;
import io.espalier.controlplane.training.ModelVersions;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Which model version answers for a product: the newest row, the older ones being the history. */
@Service
public class Deployments {
    private final JdbcClient jdbc;
    private final Products products;
    private final ModelVersions versions;
    private final InferenceWorkers workers;
    private final ApplicationEventPublisher publisher;

    Deployments(
            JdbcClient jdbc,
            Products products,
            ModelVersions versions,
            InferenceWorkers workers,
            ApplicationEventPublisher publisher) {
        this.jdbc = jdbc;
        this.products = products;
        this.versions = versions;
        this.workers = workers;
        this.publisher = publisher;
    }

    /** How far the serving of a version is. */
    public enum State {
        /** No worker has loaded it yet. */
        LOADING,
        READY,
        FAILED
    }

    /** @param failure why no worker could load it; null unless FAILED */
    public record Deployment(
            ModelVersion version, State state, @Nullable String failure, Instant deployedAt) {}

    private record Row(@Nullable UUID model, Instant at) {}

    /** @throws ProblemException NOT_FOUND for the product, or where nothing is deployed */
    @Transactional(readOnly = true)
    public Deployment get(UUID tenant, UUID product) {
        products.require(tenant, product);
        Row newest = history(tenant, product).stream().findFirst().orElseThrow(Deployments::nothing);
        return describe(tenant, newest).orElseThrow(Deployments::nothing);
    }

    /** Deploys the version; deploying the deployed one changes nothing. */
    @Transactional
    public Deployment deploy(UUID tenant, UUID product, int number) {
        products.require(tenant, product);
        ModelVersion version = versions.hold(tenant, product, number)
                .orElseThrow(() -> ProblemException.invalidField("version", "is not a version of this product"));
        Optional<Row> newest = history(tenant, product).stream().findFirst();
        return newest.filter(row -> version.id().equals(row.model()))
                .flatMap(row -> describe(tenant, row))
                .orElseGet(() -> append(tenant, product, version));
    }

    /** Takes the product out of service; its callers are told that nothing is deployed. */
    @Transactional
    public void withdraw(UUID tenant, UUID product) {
        get(tenant, product);
        insert(tenant, product, Optional.empty());
    }

    /** Deploys what was deployed before, the last different version that still exists. */
    @Transactional
    public Deployment rollBack(UUID tenant, UUID product) {
        products.require(tenant, product);
        List<Row> history = history(tenant, product);
        UUID current = history.isEmpty() ? null : history.getFirst().model();
        ModelVersion before = history.stream()
                .flatMap(row -> Stream.ofNullable(row.model()))
                .filter(model -> !model.equals(current))
                .findFirst()
                .flatMap(model -> versions.hold(tenant, model))
                .orElseThrow(() -> new ProblemException(
                        ProblemType.CONFLICT, "There is no earlier deployment of this product to go back to."));
        return append(tenant, product, before);
    }

    private Deployment append(UUID tenant, UUID product, ModelVersion version) {
        OffsetDateTime now = insert(tenant, product, Optional.of(version.id()));
        return describe(version, now.toInstant());
    }

    private OffsetDateTime insert(UUID tenant, UUID product, Optional<UUID> model) {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS);
        jdbc.sql("""
                        insert into deployment (tenant_id, id, product_id, model_version_id, created_at)
                        values (:tenant, :id, :product, :model, :now)""")
                .param("tenant", tenant)
                .param("id", Ids.next())
                .param("product", product)
                .param("model", model.orElse(null), Types.OTHER)
                .param("now", now)
                .update();
        publisher.publishEvent(new RoutesChanged());
        return now;
    }

    private List<Row> history(UUID tenant, UUID product) {
        return jdbc.sql("""
                        select model_version_id, created_at from deployment where tenant_id = ? and product_id = ?
                        order by id desc limit 100""")
                .params(tenant, product)
                .query((row, number) -> new Row(
                        row.getObject("model_version_id", UUID.class),
                        row.getObject("created_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    private Optional<Deployment> describe(UUID tenant, Row row) {
        return row.model() == null
                ? Optional.empty()
                : versions.find(tenant, row.model()).map(version -> describe(version, row.at()));
    }

    private Deployment describe(ModelVersion version, Instant at) {
        String bundle = version.bundle().sha256();
        if (workers.isReady(bundle)) {
            return new Deployment(version, State.READY, null, at);
        }
        Optional<String> failure = workers.failure(bundle);
        return new Deployment(version, failure.isPresent() ? State.FAILED : State.LOADING, failure.orElse(null), at);
    }

    /** A version that answers cannot be deleted. */
    @EventListener
    void on(ModelVersionDeleted deleted) {
        boolean deployed = history(deleted.tenant(), deleted.product()).stream()
                .findFirst()
                .filter(row -> deleted.modelVersion().equals(row.model()))
                .isPresent();
        if (deployed) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "This version is deployed; deploy another, or withdraw it first.");
        }
    }

    private static ProblemException nothing() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such deployment.");
    }
}
