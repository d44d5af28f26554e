package io.espalier.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the migrations leave behind, read from PostgreSQL's own catalogs: who may see what. */
class MigrationIT {
    /** Everything else belongs to a tenant. */
    private static final List<String> WITHOUT_TENANT = List.of("base_model", "flyway_schema_history");

    private static final String UNPROTECTED_TABLES = """
            select relname from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                and relname not in ('base_model', 'flyway_schema_history')
                and not (relrowsecurity and relforcerowsecurity
                    and exists (select from pg_policies where tablename = relname and policyname = 'tenant'))
            order by 1""";

    private static String url = "";

    @BeforeAll
    static void migrate() {
        url = PostgresFixture.running().newDatabase();
        flyway(url).migrate();
    }

    private static Flyway flyway(String url) {
        return Flyway.configure()
                .dataSource(url, PostgresFixture.OWNER, PostgresFixture.PASSWORD)
                .placeholders(
                        Map.of("appPassword", PostgresFixture.PASSWORD, "directoryPassword", PostgresFixture.PASSWORD))
                .load();
    }

    @Test
    void runsTwiceAndChangesNothingTheSecondTime() {
        String fresh = PostgresFixture.running().newDatabase();

        int first = flyway(fresh).migrate().migrationsExecuted;
        int second = flyway(fresh).migrate().migrationsExecuted;

        assertThat(first).isPositive();
        assertThat(second).isZero();
        assertThat(flyway(fresh).validateWithResult().validationSuccessful).isTrue();
    }

    @Test
    void neverChangesWhatInstallationsHaveAppliedAlready() throws Exception {
        assertThat(query(url, """
                        select version, checksum from flyway_schema_history where version is not null
                        order by installed_rank"""))
                .as("Flyway refuses to start where an applied migration has changed: write another one instead.")
                .startsWith("1 -252486725", "2 -779596588", "3 1438927201", "4 687645088", "5 -27367845");
    }

    @Test
    void forcesRowLevelSecurityOnEveryTableOfATenant() throws Exception {
        assertThat(query(url, UNPROTECTED_TABLES)).isEmpty();
        assertThat(tenantTables()).contains("tenant", "member", "api_key", "product", "deployment", "object_deletion");
    }

    @Test
    void wouldFindATableThatWasForgotten() throws Exception {
        String careless = PostgresFixture.running().newDatabase();
        flyway(careless).migrate();
        try (Connection owner = PostgresFixture.connect(careless, PostgresFixture.OWNER)) {
            execute(owner, "create table forgotten (tenant_id uuid, id uuid)");
            execute(owner, "alter table product no force row level security");
        }

        assertThat(query(careless, UNPROTECTED_TABLES)).containsExactly("forgotten", "product");
    }

    @Test
    void letsATransactionSeeAndWriteItsOwnTenantOnly() throws Exception {
        List<String> policies = query(url, """
                select distinct permissive, cmd, array_to_string(roles, ','), qual = with_check,
                    replace(qual, tablename || '.', '') in ('(tenant_id = current_tenant())', '(id = current_tenant())')
                from pg_policies where policyname = 'tenant'""");

        assertThat(policies).containsExactly("PERMISSIVE ALL public t t");
    }

    @Test
    void hasNoOtherPolicyThanTheTenantsAndTheDirectorys() throws Exception {
        assertThat(query(url, "select distinct policyname from pg_policies order by 1"))
                .containsExactly("directory", "tenant");
        assertThat(
                        query(
                                url,
                                "select distinct cmd, array_to_string(roles, ',') from pg_policies where policyname = 'directory'"))
                .containsExactly("SELECT espalier_directory");
    }

    @Test
    void givesNoRoleAWayAroundThePolicies() throws Exception {
        assertThat(query(url, """
                        select rolname from pg_roles where rolname like 'espalier%'
                            and (rolsuper or rolbypassrls or rolreplication or rolcreatedb)""")).isEmpty();
        assertThat(query(url, """
                        select rolname from pg_roles
                        where rolname in ('espalier_app', 'espalier_directory') and rolcanlogin and not rolcreaterole""")).hasSize(2);
        // Nor is either a member of a role that has one, the owner included.
        assertThat(query(url, """
                        select member::regrole::text, roleid::regrole::text from pg_auth_members
                        where member in ('espalier_app'::regrole, 'espalier_directory'::regrole)""")).isEmpty();
        assertThat(query(url, """
                        select relname from pg_class
                        where relowner in ('espalier_app'::regrole, 'espalier_directory'::regrole)""")).isEmpty();
        assertThat(query(url, "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"))
                .isEmpty();
        assertThat(query(url, "select viewname from pg_views where schemaname = 'public'"))
                .isEmpty();
    }

    @Test
    void beginsEveryKeyOfATenantsRowWithTheTenant() throws Exception {
        List<String> primaryKeys = query(url, """
                select c.relname from pg_class c join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
                    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
                where c.relnamespace = 'public'::regnamespace and a.attname = 'tenant_id' order by 1""");
        List<String> strayForeignKeys = query(url, """
                select k.conname from pg_constraint k
                    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
                    join pg_attribute f on f.attrelid = k.confrelid and f.attnum = k.confkey[1]
                where k.contype = 'f' and k.confrelid <> 'base_model'::regclass
                    and not (a.attname = 'tenant_id' and (f.attname = 'tenant_id' or k.confrelid = 'tenant'::regclass))""");

        List<String> expected = new ArrayList<>(tenantTables());
        expected.remove("tenant");
        assertThat(primaryKeys).isEqualTo(expected);
        assertThat(strayForeignKeys).isEmpty();
    }

    @Test
    void opensTheseColumnsToTheDirectoryAndNoOthers() throws Exception {
        List<String> columns = query(url, """
                select table_name || '.' || column_name, string_agg(privilege_type, ',') from information_schema.column_privileges
                where grantee = 'espalier_directory' group by 1 order by 1""");

        assertThat(columns).allMatch(column -> column.endsWith(" SELECT"));
        assertThat(columns.stream().map(column -> column.replace(" SELECT", "")))
                .as("A column that one role may read across all tenants is a decision: write it down here.")
                .containsExactlyInAnyOrder(
                        // Login.
                        "tenant.id",
                        "tenant.name",
                        "tenant.created_at",
                        "member.tenant_id",
                        "member.id",
                        "member.email",
                        "member.password_hash",
                        "session.tenant_id",
                        "session.id",
                        "session.member_id",
                        "session.token_sha256",
                        "session.created_at",
                        "session.last_seen_at",
                        // The route table.
                        "api_key.tenant_id",
                        "api_key.id",
                        "api_key.sha256",
                        "api_key.requests_per_minute",
                        "api_key.revoked_at",
                        "product.tenant_id",
                        "product.id",
                        "product.slug",
                        "product.task",
                        // How many events there are, for inference workers that serve products of all tenants.
                        "product.last_event_sequence",
                        "deployment.tenant_id",
                        "deployment.id",
                        "deployment.product_id",
                        "deployment.model_version_id",
                        "model_version.tenant_id",
                        "model_version.id",
                        "model_version.product_id",
                        "model_version.number",
                        "model_version.bundle_key",
                        "model_version.bundle_sha256",
                        "model_version.bundle_bytes",
                        // The reconciler, the places in the queue, and the sweep of objects.
                        "dataset_version.tenant_id",
                        "dataset_version.id",
                        "dataset_version.state",
                        "tenant_base_model.tenant_id",
                        "tenant_base_model.id",
                        "tenant_base_model.state",
                        "training_job.tenant_id",
                        "training_job.id",
                        "training_job.state",
                        "training_job.accelerator",
                        "training_job.queued_at",
                        "training_job.cancel_requested_at",
                        "training_job.created_at",
                        "object_deletion.tenant_id",
                        "object_deletion.id",
                        "object_deletion.object_key",
                        "object_deletion.is_prefix",
                        "object_deletion.kept_key",
                        "object_deletion.due_at");
    }

    @Test
    void letsNobodyWriteTheBaseModels() throws Exception {
        assertThat(query(url, """
                        select grantee, privilege_type from information_schema.table_privileges
                        where table_name = 'base_model' and grantee <> 'espalier_owner'""")).containsExactly("espalier_app SELECT");
        assertThat(query(url, "select name, licence, object_prefix from base_model order by name"))
                .containsExactlyInAnyOrder(
                        "all-MiniLM-L6-v2 Apache-2.0 platform/base-models/all-MiniLM-L6-v2/",
                        "bge-small-zh-v1.5 MIT platform/base-models/bge-small-zh-v1.5/");
    }

    @Test
    void showsNoRowsWithoutATenantAndRefusesRowsOfAnother() throws Exception {
        UUID mine = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        try (Connection app = PostgresFixture.connect(url, "espalier_app")) {
            app.setAutoCommit(false);
            insertTenant(app, mine, mine);
            insertTenant(app, other, other);

            assertThat(seenBy(app, mine)).containsExactly(mine.toString());
            assertThat(seenBy(app, other)).containsExactly(other.toString());
            // The setting of the transaction before is gone from the connection.
            assertThat(strings(app, "select id from tenant")).isEmpty();
            app.rollback();
            assertThatThrownBy(() -> insertTenant(app, mine, UUID.randomUUID()))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
        try (Connection directory = PostgresFixture.connect(url, "espalier_directory")) {
            assertThat(strings(directory, "select id from tenant")).contains(mine.toString(), other.toString());
            assertThatThrownBy(() -> execute(directory, "delete from tenant")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> strings(directory, "select role from member"))
                    .isInstanceOf(SQLException.class);
        }
    }

    private static void insertTenant(Connection app, UUID bound, UUID written) throws SQLException {
        bind(app, bound);
        execute(app, "insert into tenant (id, name, created_at) values ('" + written + "', 'x', now())");
        app.commit();
    }

    private static List<String> seenBy(Connection app, UUID tenant) throws SQLException {
        bind(app, tenant);
        List<String> seen = strings(app, "select id from tenant");
        app.commit();
        return seen;
    }

    private static void bind(Connection app, UUID tenant) throws SQLException {
        strings(app, "select set_config('app.tenant_id', '" + tenant + "', true)");
    }

    private static List<String> tenantTables() throws SQLException {
        List<String> tables = query(
                url,
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1");
        tables.removeAll(WITHOUT_TENANT);
        return tables;
    }

    private static List<String> query(String url, String sql) throws SQLException {
        try (Connection owner = PostgresFixture.connect(url, PostgresFixture.OWNER)) {
            return strings(owner, sql);
        }
    }

    /** Each row's columns with a space between. */
    private static List<String> strings(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    row.add(rows.getString(column));
                }
                found.add(String.join(" ", row));
            }
            return found;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
