package io.espalier.controlplane.serving;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** All products of a tenant side by side, whatever their tasks: what each was made from, and how good it is. */
@Service
public class ProductMatrix {
    private static final int LONGEST_HISTORY = 20;
    private static final TypeReference<Map<String, Double>> METRICS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final ObjectReader evaluations;

    ProductMatrix(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
        this.evaluations = json.readerFor(Evaluation.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    /**
     * A product.
     *
     * @param primaryMetric of its task, by which its versions are compared; higher is better
     * @param version the deployed one, or the newest where none is; null before the first
     * @param history the primary metric of its latest versions on their test splits, oldest first
     * @param changedAt when it was made, trained or deployed last
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Line(
            UUID id,
            String name,
            String slug,
            String task,
            @Nullable String baseModel,
            String primaryMetric,
            @Nullable Version version,
            List<Point> history,
            Instant changedAt) {}

    /**
     * A model version.
     *
     * @param data the name and the version's number of its dataset; null if that was deleted
     * @param metric the primary one, on the test split; null where that has no value, as an area of one class
     * @param testRows that it was measured on
     * @param bytes of the bundle
     * @param latencyMillis of one input alone on one thread, when it was evaluated
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Version(
            int number,
            boolean deployed,
            @Nullable String data,
            @Nullable Double metric,
            long testRows,
            String precision,
            long bytes,
            @Nullable Double latencyMillis) {}

    /**
     * A version's primary metric.
     *
     * @param metric null where it has no value
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Point(int version, @Nullable Double metric, Instant trainedAt) {}

    /** Newest product first. */
    @Transactional(readOnly = true)
    public Page<Line> list(UUID tenant, PageRequest page) {
        List<Line> lines = jdbc.sql("""
                        select p.id, p.name, p.slug, p.task, p.base_model, v.number, v.metrics, v.precision, v.bundle_bytes,
                            j.evaluation, d.name as data_name, dv.number as data_number,
                            v.id = newest.model_version_id as deployed,
                            greatest(p.created_at, v.created_at, newest.created_at) as changed_at
                        from product p
                        left join lateral (
                            select model_version_id, created_at from deployment
                            where tenant_id = p.tenant_id and product_id = p.id order by id desc limit 1) newest on true
                        left join lateral (
                            select * from model_version
                            where tenant_id = p.tenant_id and product_id = p.id
                            order by id = newest.model_version_id desc nulls last, id desc limit 1) v on true
                        left join training_job j on j.tenant_id = p.tenant_id and j.id = v.job_id
                        left join dataset_version dv on dv.tenant_id = p.tenant_id and dv.id = j.dataset_version_id
                        left join dataset d on d.tenant_id = p.tenant_id and d.id = dv.dataset_id
                        where p.tenant_id = :tenant and p.id < :before
                        order by p.id desc limit :limit""")
                .param("tenant", tenant)
                .param("before", page.before())
                .param("limit", page.limit() + 1)
                .query(this::line)
                .list();
        Map<UUID, List<Point>> histories = histories(tenant, lines);
        return page.of(
                lines,
                Line::id,
                line -> new Line(
                        line.id,
                        line.name,
                        line.slug,
                        line.task,
                        line.baseModel,
                        line.primaryMetric,
                        line.version,
                        histories.getOrDefault(line.id, List.of()),
                        line.changedAt));
    }

    private Line line(ResultSet row, int index) throws SQLException {
        String task = row.getString("task");
        String metric = primaryMetric(task);
        return new Line(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("slug"),
                task,
                row.getString("base_model"),
                metric,
                row.getString("metrics") == null ? null : version(row, metric),
                List.of(),
                row.getTimestamp("changed_at").toInstant());
    }

    private Version version(ResultSet row, String metric) throws SQLException {
        Evaluation evaluation = evaluations.readValue(row.getString("evaluation"));
        String data = row.getString("data_name");
        return new Version(
                row.getInt("number"),
                row.getBoolean("deployed"),
                data == null ? null : "%s, version %d".formatted(data, row.getInt("data_number")),
                value(row.getString("metrics"), metric),
                evaluation.rows(),
                row.getString("precision"),
                row.getLong("bundle_bytes"),
                evaluation.latencyMillis());
    }

    private Map<UUID, List<Point>> histories(UUID tenant, List<Line> lines) {
        Map<UUID, List<Point>> histories = new HashMap<>();
        if (!lines.isEmpty()) {
            jdbc.sql("""
                            select product_id, task, number, metrics, created_at from (
                                select *, row_number() over (partition by product_id order by number desc) as age
                                from model_version where tenant_id = :tenant and product_id in (:products)) latest
                            where age <= :longest order by product_id, number""")
                    .param("tenant", tenant)
                    .param("products", lines.stream().map(Line::id).toList())
                    .param("longest", LONGEST_HISTORY)
                    .query(row -> {
                        histories
                                .computeIfAbsent(row.getObject("product_id", UUID.class), _ -> new ArrayList<>())
                                .add(new Point(
                                        row.getInt("number"),
                                        value(row.getString("metrics"), primaryMetric(row.getString("task"))),
                                        row.getTimestamp("created_at").toInstant()));
                    });
        }
        return histories;
    }

    private @Nullable Double value(String metrics, String name) {
        Double value = json.readValue(metrics, METRICS).get(name);
        return value == null || value.isNaN() ? null : value;
    }

    private static String primaryMetric(String task) {
        return Tasks.find(task).orElseThrow().primaryMetric();
    }
}
