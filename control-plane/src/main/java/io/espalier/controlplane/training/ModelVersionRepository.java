package io.espalier.controlplane.training;

import io.espalier.contracts.job.ExportedModel;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** Model versions are written once and read; there is nothing that an entity would follow. */
@Repository
class ModelVersionRepository {
    private static final TypeReference<List<String>> LABELS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Double>> METRICS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final ObjectReader lineage;

    ModelVersionRepository(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
        // The row may be of a release that said more.
        this.lineage =
                json.readerFor(ModelVersion.Lineage.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    /** Counts the product's next version; the counter's row stays locked until the transaction ends. */
    int nextNumber(UUID tenant, UUID product) {
        return jdbc.sql("""
                        insert into model_version_counter (tenant_id, product_id, last_number)
                        values (:tenant, :product, 1)
                        on conflict (tenant_id, product_id)
                            do update set last_number = model_version_counter.last_number + 1
                        returning last_number""")
                .param("tenant", tenant)
                .param("product", product)
                .query(Integer.class)
                .single();
    }

    void insert(ModelVersion version) {
        jdbc.sql("""
                        insert into model_version (tenant_id, id, product_id, number, job_id, task, labels, bundle_key,
                            bundle_sha256, bundle_bytes, precision, metrics, lineage, created_at)
                        values (:tenant, :id, :product, :number, :job, :task, :labels::jsonb, :key,
                            :sha256, :bytes, :precision, :metrics::jsonb, :lineage::jsonb, :createdAt)""")
                .param("tenant", version.tenant())
                .param("id", version.id())
                .param("product", version.product())
                .param("number", version.number())
                .param("job", version.lineage().job())
                .param("task", version.task())
                .param("labels", json.writeValueAsString(version.labels()))
                .param("key", version.bundle().objectKey())
                .param("sha256", version.bundle().sha256())
                .param("bytes", version.bundle().bytes())
                .param("precision", version.bundle().precision())
                .param("metrics", json.writeValueAsString(version.metrics()))
                .param("lineage", json.writeValueAsString(version.lineage()))
                .param("createdAt", Timestamp.from(version.createdAt()))
                .update();
    }

    Optional<ModelVersion> find(UUID tenant, UUID product, int number) {
        return find(tenant, product, number, "");
    }

    /** Held for this transaction's deletion of it: nobody else holds it until the transaction ends. */
    Optional<ModelVersion> lock(UUID tenant, UUID product, int number) {
        return find(tenant, product, number, " for update");
    }

    /** Not deleted until the transaction ends. */
    Optional<ModelVersion> hold(UUID tenant, UUID product, int number) {
        return find(tenant, product, number, " for share");
    }

    private Optional<ModelVersion> find(UUID tenant, UUID product, int number, String locking) {
        return jdbc.sql("""
                        select * from model_version
                        where tenant_id = :tenant and product_id = :product and number = :number""" + locking)
                .param("tenant", tenant)
                .param("product", product)
                .param("number", number)
                .query(this::read)
                .optional();
    }

    Optional<ModelVersion> find(UUID tenant, UUID id) {
        return find(tenant, id, "");
    }

    /** Not deleted until the transaction ends. */
    Optional<ModelVersion> hold(UUID tenant, UUID id) {
        return find(tenant, id, " for share");
    }

    private Optional<ModelVersion> find(UUID tenant, UUID id, String locking) {
        return jdbc.sql("select * from model_version where tenant_id = :tenant and id = :id" + locking)
                .param("tenant", tenant)
                .param("id", id)
                .query(this::read)
                .optional();
    }

    Optional<ModelVersion> findOfJob(UUID tenant, UUID job) {
        return jdbc.sql("select * from model_version where tenant_id = :tenant and job_id = :job")
                .param("tenant", tenant)
                .param("job", job)
                .query(this::read)
                .optional();
    }

    /** @return the numbers of the versions that jobs made, by job */
    Map<UUID, Integer> numbersOfJobs(UUID tenant, List<UUID> jobs) {
        Map<UUID, Integer> numbers = new HashMap<>();
        if (!jobs.isEmpty()) {
            jdbc.sql("select job_id, number from model_version where tenant_id = :tenant and job_id in (:jobs)")
                    .param("tenant", tenant)
                    .param("jobs", jobs)
                    .query(row -> {
                        numbers.put(row.getObject("job_id", UUID.class), row.getInt("number"));
                    });
        }
        return numbers;
    }

    /** @return newest first, those with an id below {@code before} */
    List<ModelVersion> list(UUID tenant, UUID product, UUID before, int limit) {
        return jdbc.sql("""
                        select * from model_version
                        where tenant_id = :tenant and product_id = :product and id < :before
                        order by id desc limit :limit""")
                .param("tenant", tenant)
                .param("product", product)
                .param("before", before)
                .param("limit", limit)
                .query(this::read)
                .list();
    }

    /** @return the ids of all versions of the product; nobody holds one until the transaction ends */
    List<UUID> lockAll(UUID tenant, UUID product) {
        return jdbc.sql("""
                        select id from model_version where tenant_id = :tenant and product_id = :product for update""")
                .param("tenant", tenant)
                .param("product", product)
                .query(UUID.class)
                .list();
    }

    void delete(UUID tenant, UUID id) {
        jdbc.sql("delete from model_version where tenant_id = :tenant and id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .update();
    }

    private ModelVersion read(ResultSet row, int index) throws SQLException {
        return new ModelVersion(
                row.getObject("tenant_id", UUID.class),
                row.getObject("id", UUID.class),
                row.getObject("product_id", UUID.class),
                row.getInt("number"),
                row.getString("task"),
                json.readValue(row.getString("labels"), LABELS),
                new ExportedModel.Bundle(
                        row.getString("precision"),
                        row.getString("bundle_key"),
                        row.getString("bundle_sha256"),
                        row.getLong("bundle_bytes")),
                json.readValue(row.getString("metrics"), METRICS),
                lineage.readValue(row.getString("lineage")),
                row.getTimestamp("created_at").toInstant());
    }
}
