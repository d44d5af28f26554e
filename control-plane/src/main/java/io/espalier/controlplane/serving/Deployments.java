package io.espalier.controlplane.serving;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.RoutesChanged;
import io.espalier.controlplane.training.ModelVersion;
import io.espalier.controlplane.training.ModelVersionDeleted;
import io.espalier.controlplane.training.ModelVersions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
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

    /** @param restores the older row that a roll-back went back to; null for any other */
    private record Row(
            UUID id, @Nullable UUID model, @Nullable UUID restores, Instant at) {
        /** The row that first put this model in this place of the history. */
        UUID origin() {
            return restores == null ? id : restores;
        }
    }

    /** @throws ProblemException NOT_FOUND for the product, or where nothing is deployed */
    @Transactional(readOnly = true)
    public Deployment get(UUID tenant, UUID product) {
        products.require(tenant, product);
        Row newest = newest(tenant, product).orElseThrow(Deployments::nothing);
        return describe(tenant, newest).orElseThrow(Deployments::nothing);
    }

    /** Deploys the version; deploying the deployed one changes nothing. */
    @Transactional
    public Deployment deploy(UUID tenant, UUID product, int number) {
        products.require(tenant, product);
        ModelVersion version = versions.hold(tenant, product, number)
                .orElseThrow(() -> ProblemException.invalidField("version", "is not a version of this product"));
        return newest(tenant, product)
                .filter(row -> version.id().equals(row.model()))
                .flatMap(row -> describe(tenant, row))
                .orElseGet(() -> append(tenant, product, version, null));
    }

    /** Takes the product out of service; its callers are told that nothing is deployed. */
    @Transactional
    public void withdraw(UUID tenant, UUID product) {
        get(tenant, product);
        insert(tenant, product, null, null);
    }

    /**
     * Deploys what was deployed before, the last different version that still exists. Once more goes further back: from
     * where the roll-back before ended, and not from itself.
     */
    @Transactional
    public Deployment rollBack(UUID tenant, UUID product) {
        products.require(tenant, product);
        Row before = newest(tenant, product)
                .flatMap(newest -> lastOther(tenant, product, newest))
                .orElseThrow(Deployments::nothingEarlier);
        ModelVersion version =
                versions.hold(tenant, Objects.requireNonNull(before.model())).orElseThrow(Deployments::nothingEarlier);
        return append(tenant, product, version, before.origin());
    }

    private Deployment append(UUID tenant, UUID product, ModelVersion version, @Nullable UUID restores) {
        OffsetDateTime now = insert(tenant, product, version.id(), restores);
        return describe(version, now.toInstant());
    }

    private OffsetDateTime insert(UUID tenant, UUID product, @Nullable UUID model, @Nullable UUID restores) {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS);
        jdbc.sql("""
                        insert into deployment (tenant_id, id, product_id, model_version_id, restores, created_at)
                        values (:tenant, :id, :product, :model, :restores, :now)""")
                .param("tenant", tenant)
                .param("id", Ids.next())
                .param("product", product)
                .param("model", model, Types.OTHER)
                .param("restores", restores, Types.OTHER)
                .param("now", now)
                .update();
        publisher.publishEvent(new RoutesChanged());
        return now;
    }

    private Optional<Row> newest(UUID tenant, UUID product) {
        return jdbc.sql("""
                        select id, model_version_id, restores, created_at from deployment
                        where tenant_id = ? and product_id = ?
                        order by id desc limit 1""").params(tenant, product).query(Deployments::read).optional();
    }

    private Optional<Row> lastOther(UUID tenant, UUID product, Row newest) {
        return jdbc.sql("""
                        select id, model_version_id, restores, created_at from deployment
                        where tenant_id = :tenant and product_id = :product and id < :origin
                            and model_version_id is not null and model_version_id is distinct from :model
                        order by id desc limit 1""")
                .param("tenant", tenant)
                .param("product", product)
                .param("origin", newest.origin())
                .param("model", newest.model(), Types.OTHER)
                .query(Deployments::read)
                .optional();
    }

    private static Row read(ResultSet row, int index) throws SQLException {
        return new Row(
                row.getObject("id", UUID.class),
                row.getObject("model_version_id", UUID.class),
                row.getObject("restores", UUID.class),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
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
        boolean deployed = newest(deleted.tenant(), deleted.product())
                .filter(row -> deleted.modelVersion().equals(row.model()))
                .isPresent();
        if (deployed) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "This version is deployed; deploy another, or withdraw it first.");
        }
    }

    private static ProblemException nothingEarlier() {
        return new ProblemException(
                ProblemType.CONFLICT, "There is no earlier deployment of this product to go back to.");
    }

    private static ProblemException nothing() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such deployment.");
    }
}
