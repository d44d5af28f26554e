package io.espalier.controlplane.catalog;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.BaseModelFile;
import io.espalier.contracts.job.BaseModelRef;
import io.espalier.contracts.job.ImportOutcome;
import io.espalier.contracts.job.ImportSpec;
import io.espalier.contracts.job.ImportSpec.HubModel;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.ObjectDeletions;
import io.espalier.controlplane.platform.UploadLimit;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Base models of weights that a tenant brings, as files or from the installation's hub. A worker reads them; what it refuses may
 * be mended and tried again.
 */
@Service
public class BaseModelImports {
    /** As the hub has them, the owner being absent from some old ones. */
    private static final Pattern REPOSITORY =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?");

    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,99}");

    private final BaseModels baseModels;
    private final JdbcClient jdbc;
    private final ObjectStore store;
    private final ObjectDeletions deletions;
    private final ApplicationEventPublisher publisher;
    private final TransactionTemplate transaction;
    private final boolean hub;

    BaseModelImports(
            BaseModels baseModels,
            JdbcClient jdbc,
            ObjectStore store,
            ObjectDeletions deletions,
            ApplicationEventPublisher publisher,
            TransactionTemplate transaction,
            Settings settings) {
        this.baseModels = baseModels;
        this.jdbc = jdbc;
        this.store = store;
        this.deletions = deletions;
        this.publisher = publisher;
        this.transaction = transaction;
        this.hub = settings.optional(Settings.HUB_URL) != null;
    }

    /** A base model waits for its import; committed. */
    record ImportDue(ImportSpec spec) {}

    /** An import is not wanted any more; committed. */
    record ImportObsolete(String workflowId) {}

    /**
     * Makes a base model that waits for its files; one of the hub is imported at once.
     *
     * @param from null for files to be uploaded
     * @throws ProblemException INVALID_REQUEST with every field that is wrong; CONFLICT if the name is taken
     */
    @Transactional
    public BaseModel create(
            UUID tenant, String name, @Nullable String description, String task, @Nullable HubModel from) {
        List<FieldError> errors = new ArrayList<>();
        if (!takesBaseModels(task)) {
            errors.add(new FieldError(
                    "task",
                    "must be one of "
                            + Tasks.ALL.stream()
                                    .map(TaskDescriptor::name)
                                    .filter(BaseModelImports::takesBaseModels)
                                    .collect(Collectors.joining(", "))));
        }
        check(from, errors);
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The base model cannot be made like this.", errors);
        }
        String source = from == null ? "uploaded files" : from.repository() + " on the hub";
        BaseModel made = baseModels.insert(
                tenant,
                name,
                description == null ? "Imported from " + source : description,
                task,
                source,
                new BaseModels.Origin(null, null, from));
        return from == null ? made : start(tenant, Objects.requireNonNull(made.id()));
    }

    private static boolean takesBaseModels(String task) {
        return Tasks.find(task).filter(TaskDescriptor::makesBaseModels).isPresent();
    }

    private void check(@Nullable HubModel from, List<FieldError> errors) {
        if (from == null) {
            return;
        }
        if (!hub) {
            errors.add(new FieldError("hub", "is not offered by this installation; upload the files"));
        }
        if (!REPOSITORY.matcher(from.repository()).matches()) {
            errors.add(new FieldError("hub.repository", "must be the name of a model on the hub: owner/name"));
        }
        if (!REVISION.matcher(from.revision()).matches() || from.revision().contains("..")) {
            errors.add(new FieldError("hub.revision", "must be a branch, a tag or a commit"));
        }
    }

    /** A file that was uploaded. */
    public record UploadedFile(String name, long bytes) {}

    /**
     * Streams a file in, in the place of one of the same name.
     *
     * @param declaredBytes what the caller says it will send; negative where it does not say
     * @throws ProblemException PAYLOAD_TOO_LARGE as soon as that is known; CONFLICT if no files are awaited
     */
    public UploadedFile put(UUID tenant, UUID id, String name, long declaredBytes, InputStream content) {
        transaction.executeWithoutResult(status -> lock(tenant, id).requireUpload());
        BaseModelFile file = BaseModelFile.find(name)
                .orElseThrow(() -> ProblemException.invalidField(
                        "name", "must be one of " + BaseModelFile.allNames() + "; other files are not read"));
        var limit = new UploadLimit(file.limit(), name + " may have up to %,d bytes.");
        limit.check(declaredBytes);
        String key = ObjectKeys.baseModelUpload(new BaseModelRef(tenant, id), Ids.next());
        var counted = limit.limit(content);
        try {
            store.put(key, counted);
            if (counted.bytes() == 0) {
                throw ProblemException.invalidField("body", "is empty; send the file's bytes");
            }
            transaction.executeWithoutResult(status -> {
                lock(tenant, id).requireUpload();
                record(tenant, id, name, key, counted.bytes());
            });
            return new UploadedFile(name, counted.bytes());
        } catch (RuntimeException e) {
            transaction.executeWithoutResult(status -> deletions.object(tenant, key));
            throw e;
        }
    }

    private void record(UUID tenant, UUID id, String name, String key, long bytes) {
        jdbc.sql("""
                        delete from base_model_file where tenant_id = :tenant and base_model_id = :id and name = :name
                        returning object_key""")
                .param("tenant", tenant)
                .param("id", id)
                .param("name", name)
                .query(String.class)
                .list()
                .forEach(old -> deletions.object(tenant, old));
        jdbc.sql("""
                        insert into base_model_file (tenant_id, base_model_id, name, object_key, bytes)
                        values (:tenant, :id, :name, :key, :bytes)""")
                .param("tenant", tenant)
                .param("id", id)
                .param("name", name)
                .param("key", key)
                .param("bytes", bytes)
                .update();
    }

    /**
     * Has the files read, or a model of the hub fetched: for the first time, or again after it was refused or failed.
     *
     * @throws ProblemException CONFLICT if there are no weights, or it is a base model already
     */
    @Transactional
    public BaseModel start(UUID tenant, UUID id) {
        Import found = lock(tenant, id);
        found.requireStart();
        if (found.hub() == null && !files(tenant, id).containsKey(BaseModelFile.WEIGHTS)) {
            throw new ProblemException(
                    ProblemType.CONFLICT,
                    "%s has not arrived; upload it first.".formatted(BaseModelFile.WEIGHTS.fileName()));
        }
        jdbc.sql("""
                        update tenant_base_model set state = 'IMPORTING', revision = revision + 1, problems = '{}'
                        where tenant_id = :tenant and id = :id""").param("tenant", tenant).param("id", id).update();
        due(tenant, id).ifPresent(publisher::publishEvent);
        return baseModels.get(tenant, id);
    }

    /** The import that a base model waits for now; empty where it does not wait. */
    @Transactional(readOnly = true)
    Optional<ImportDue> due(UUID tenant, UUID id) {
        BaseModelRef ref = new BaseModelRef(tenant, id);
        return find(tenant, id, "")
                .filter(found -> found.state() == BaseModelState.IMPORTING)
                .map(found -> new ImportDue(new ImportSpec(
                        ref,
                        found.revision(),
                        found.task(),
                        files(tenant, id),
                        found.hub(),
                        ObjectKeys.baseModelImport(ref, found.revision()))));
    }

    /**
     * Records what came of an import. Idempotent; the outcome of an attempt that is over, or of a base model that is gone,
     * changes nothing.
     */
    @Transactional
    public void imported(ImportSpec spec, @Nullable ImportOutcome outcome, @Nullable String failure) {
        UUID tenant = spec.model().tenant();
        UUID id = spec.model().baseModel();
        Optional<Import> found = find(tenant, id, "for update").filter(model -> model.revision() == spec.revision());
        if (found.isEmpty()) {
            // Nobody will ever ask for what it made.
            deletions.prefix(tenant, spec.prefix());
            return;
        }
        if (found.get().state() != BaseModelState.IMPORTING) {
            return;
        }
        ImportOutcome.Imported imported = outcome == null ? null : outcome.imported();
        if (imported == null) {
            List<String> problems = outcome == null
                    ? List.of(Objects.requireNonNullElse(failure, "The import failed."))
                    : outcome.problems();
            jdbc.sql("""
                            update tenant_base_model set state = :state, problems = :problems
                            where tenant_id = :tenant and id = :id""")
                    .param("tenant", tenant)
                    .param("id", id)
                    .param("state", (outcome == null ? BaseModelState.FAILED : BaseModelState.REFUSED).name())
                    .param("problems", problems.toArray(String[]::new))
                    .update();
            deletions.prefix(tenant, spec.prefix());
            return;
        }
        jdbc.sql("""
                        update tenant_base_model set state = 'READY', object_prefix = :prefix, architecture = :architecture,
                            parameters = :parameters, source = source || :commit
                        where tenant_id = :tenant and id = :id""")
                .param("tenant", tenant)
                .param("id", id)
                .param("prefix", imported.prefix())
                .param("architecture", imported.architecture())
                .param("parameters", imported.parameters())
                .param("commit", imported.commit() == null ? "" : ", commit " + imported.commit())
                .update();
        jdbc.sql("delete from base_model_file where tenant_id = :tenant and base_model_id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .update();
        deletions.othersUnder(tenant, ObjectKeys.importedBaseModel(spec.model()), imported.prefix());
    }

    /** What an import is made of. */
    private record Import(
            String task,
            BaseModelState state,
            int revision,
            @Nullable HubModel hub) {
        static Import of(ResultSet row, int number) throws SQLException {
            String repository = row.getString("hub_repository");
            return new Import(
                    row.getString("task"),
                    BaseModelState.valueOf(row.getString("state")),
                    row.getInt("revision"),
                    repository == null ? null : new HubModel(repository, row.getString("hub_revision")));
        }

        void requireUpload() {
            requireStart();
            if (hub != null) {
                throw new ProblemException(
                        ProblemType.CONFLICT,
                        "The files of this base model are those of %s on the hub.".formatted(hub.repository()));
            }
        }

        void requireStart() {
            switch (state) {
                case UPLOADING, REFUSED, FAILED -> {}
                case IMPORTING ->
                    throw new ProblemException(
                            ProblemType.CONFLICT, "The files are being read; wait for what comes of it.");
                case READY ->
                    throw new ProblemException(
                            ProblemType.CONFLICT,
                            "It is a base model already and does not change any more; make another for other weights.");
            }
        }
    }

    private Import lock(UUID tenant, UUID id) {
        return find(tenant, id, "for update").orElseThrow(BaseModels::unknown);
    }

    private Optional<Import> find(UUID tenant, UUID id, String lock) {
        return jdbc.sql("select * from tenant_base_model where tenant_id = :tenant and id = :id " + lock)
                .param("tenant", tenant)
                .param("id", id)
                .query(Import::of)
                .optional();
    }

    /** The keys of the uploaded files. */
    private Map<BaseModelFile, String> files(UUID tenant, UUID id) {
        return jdbc
                .sql("select name, object_key from base_model_file where tenant_id = :tenant and base_model_id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .query((row, number) ->
                        Map.entry(BaseModelFile.find(row.getString("name")).orElseThrow(), row.getString("object_key")))
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
