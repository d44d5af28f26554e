package io.espalier.controlplane.catalog;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.job.BaseModelRef;
import io.espalier.contracts.job.ImportSpec.HubModel;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The base models: the platform's, one table for all tenants that nobody may write; and each tenant's own, which are model
 * versions of its products or {@linkplain BaseModelImports imported}. A name means one model to a tenant.
 */
@Service
public class BaseModels {
    private static final String OWN = """
            select m.*, array(
                select f.name from base_model_file f
                where f.tenant_id = m.tenant_id and f.base_model_id = m.id order by f.name) as files
            from tenant_base_model m
            """;

    private final JdbcClient jdbc;
    private final ObjectDeletions deletions;
    private final ApplicationEventPublisher publisher;

    BaseModels(JdbcClient jdbc, ObjectDeletions deletions, ApplicationEventPublisher publisher) {
        this.jdbc = jdbc;
        this.deletions = deletions;
        this.publisher = publisher;
    }

    /** The tenant's own, newest first, a page at a time; before them, on the first page, the platform's by name. */
    @Transactional(readOnly = true)
    public Page<BaseModel> list(UUID tenant, PageRequest page) {
        List<BaseModel> own = jdbc.sql(OWN + """
                        where m.tenant_id = :tenant and m.id < :before order by m.id desc limit :limit""")
                .param("tenant", tenant)
                .param("before", page.before())
                .param("limit", page.limit() + 1)
                .query(BaseModels::own)
                .list();
        Page<BaseModel> found = page.of(own, model -> Objects.requireNonNull(model.id()), model -> model);
        return page.isFirst()
                ? new Page<>(
                        Stream.concat(platform().stream(), found.items().stream())
                                .toList(),
                        found.nextCursor())
                : found;
    }

    /** @throws ProblemException NOT_FOUND */
    @Transactional(readOnly = true)
    public BaseModel get(UUID tenant, UUID id) {
        return jdbc.sql(OWN + "where m.tenant_id = :tenant and m.id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .query(BaseModels::own)
                .optional()
                .orElseThrow(BaseModels::unknown);
    }

    List<BaseModel> platform() {
        return jdbc.sql("""
                        select name, description, task, language, licence, source, parameters from base_model
                        order by name""")
                .query((row, number) -> new BaseModel(
                        null,
                        row.getString("name"),
                        row.getString("description"),
                        row.getString("task"),
                        BaseModelState.READY,
                        List.of(),
                        List.of(),
                        row.getString("language"),
                        row.getString("licence"),
                        row.getString("source"),
                        null,
                        row.getLong("parameters"),
                        null))
                .list();
    }

    /** All that a product of the task may start from, by name; none of them is deleted until the transaction ends. */
    List<BaseModel> hold(UUID tenant, String task) {
        List<BaseModel> own = jdbc.sql(OWN + """
                        where m.tenant_id = :tenant and m.task = :task and m.state = 'READY'
                        order by m.name for share of m""")
                .param("tenant", tenant)
                .param("task", task)
                .query(BaseModels::own)
                .list();
        return Stream.concat(platform().stream().filter(model -> model.task().equals(task)), own.stream())
                .toList();
    }

    /** Where the files of the product's base model are in the object store, ending in a slash; null where it has none. */
    public @Nullable String prefix(Product product) {
        UUID own = product.ownBaseModel();
        if (own != null) {
            return jdbc.sql("select object_prefix from tenant_base_model where tenant_id = :tenant and id = :id")
                    .param("tenant", product.tenantId())
                    .param("id", own)
                    .query(String.class)
                    .single();
        }
        String name = product.baseModel();
        return name == null ? null : ObjectKeys.platformBaseModel(name);
    }

    /**
     * Makes a base model of a model version, which the caller holds.
     *
     * @param source the version in words
     * @param prefix where its weights are
     * @throws ProblemException CONFLICT if the name is taken
     */
    @Transactional
    public BaseModel create(
            UUID tenant,
            String name,
            String description,
            String task,
            UUID modelVersion,
            String source,
            String prefix) {
        return insert(tenant, name, description, task, source, new Origin(modelVersion, prefix, null));
    }

    /**
     * Where the weights of a new base model are from.
     *
     * @param modelVersion with the prefix of its weights; null for what is imported
     * @param hub null for all but models of the hub
     */
    record Origin(
            @Nullable UUID modelVersion,
            @Nullable String prefix,
            @Nullable HubModel hub) {}

    /** @throws ProblemException CONFLICT if the name is taken */
    BaseModel insert(UUID tenant, String name, String description, String task, String source, Origin origin) {
        UUID id = Ids.next();
        HubModel hub = origin.hub();
        boolean taken = platform().stream().anyMatch(model -> model.name().equals(name))
                || jdbc.sql("""
                                insert into tenant_base_model (tenant_id, id, name, description, task, state,
                                    model_version_id, object_prefix, hub_repository, hub_revision, source, created_at)
                                values (:tenant, :id, :name, :description, :task, :state,
                                    :version, :prefix, :repository, :revision, :source, now())
                                on conflict (tenant_id, name) do nothing""")
                                .param("tenant", tenant)
                                .param("id", id)
                                .param("name", name)
                                .param("description", description)
                                .param("task", task)
                                .param("state", state(origin).name())
                                .param("version", origin.modelVersion())
                                .param("prefix", origin.prefix())
                                .param("repository", hub == null ? null : hub.repository())
                                .param("revision", hub == null ? null : hub.revision())
                                .param("source", source)
                                .update()
                        == 0;
        if (taken) {
            throw new ProblemException(
                    ProblemType.CONFLICT,
                    "There is a base model of this name.",
                    List.of(new FieldError("name", "is used already")));
        }
        return get(tenant, id);
    }

    private static BaseModelState state(Origin origin) {
        return origin.prefix() == null ? BaseModelState.UPLOADING : BaseModelState.READY;
    }

    /** Whether one of these model versions is a base model: the name of one that is. */
    @Transactional(readOnly = true)
    public Optional<String> madeOf(UUID tenant, List<UUID> modelVersions) {
        return modelVersions.isEmpty()
                ? Optional.empty()
                : jdbc.sql("""
                                select name from tenant_base_model
                                where tenant_id = :tenant and model_version_id in (:versions) order by id limit 1""")
                        .param("tenant", tenant)
                        .param("versions", modelVersions)
                        .query(String.class)
                        .optional();
    }

    /**
     * Deletes one of the tenant's own. The version that it was made of stays.
     *
     * @throws ProblemException NOT_FOUND; CONFLICT while a product starts from it
     */
    @Transactional
    public void delete(UUID tenant, UUID id) {
        Lasting found = jdbc.sql("""
                        select state, revision, model_version_id from tenant_base_model
                        where tenant_id = :tenant and id = :id for update""")
                .param("tenant", tenant)
                .param("id", id)
                .query((row, number) -> new Lasting(
                        BaseModelState.valueOf(row.getString("state")),
                        row.getInt("revision"),
                        row.getObject("model_version_id") == null))
                .optional()
                .orElseThrow(BaseModels::unknown);
        List<String> users = jdbc.sql("""
                        select slug from product where tenant_id = :tenant and own_base_model = :id order by slug""")
                .param("tenant", tenant)
                .param("id", id)
                .query(String.class)
                .list();
        if (!users.isEmpty()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "Products start from this base model: " + String.join(", ", users) + ".");
        }
        jdbc.sql("delete from tenant_base_model where tenant_id = :tenant and id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .update();
        BaseModelRef ref = new BaseModelRef(tenant, id);
        if (found.imported()) {
            deletions.prefix(tenant, ObjectKeys.importedBaseModel(ref));
        }
        if (found.state() == BaseModelState.IMPORTING) {
            publisher.publishEvent(new BaseModelImports.ImportObsolete(ref.importWorkflowId(found.revision())));
        }
    }

    private record Lasting(BaseModelState state, int revision, boolean imported) {}

    private static BaseModel own(ResultSet row, int number) throws SQLException {
        return new BaseModel(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("description"),
                row.getString("task"),
                BaseModelState.valueOf(row.getString("state")),
                strings(row, "files"),
                strings(row, "problems"),
                null,
                null,
                row.getString("source"),
                row.getString("architecture"),
                row.getObject("parameters", Long.class),
                row.getTimestamp("created_at").toInstant());
    }

    private static List<String> strings(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such base model of your own.");
    }
}
