package io.espalier.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.process.Settings;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import io.espalier.controlplane.platform.TenantContext;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What PostgreSQL itself lets the control plane's two roles do with the rows of two tenants that went all the way to a
 * deployment. That every table has a policy, which, and what the roles are, is in MigrationIT.
 */
@ControlPlaneTest
@Timeout(120)
class RowLevelSecurityIT {
    private static final String DENIED = "42501";
    private static final String FOREIGN_KEY = "23503";

    /** Made once: nothing here changes their rows. */
    private static UUID mine;

    private static UUID others;

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private Connection app;

    @BeforeEach
    void connect() throws SQLException {
        if (mine == null) {
            try (var worker = new FakeWorker()) {
                mine = tenantWithARowInEveryTable();
                others = tenantWithARowInEveryTable();
            }
        }
        app = connection("espalier_app", Settings.DATABASE_APP_PASSWORD);
        app.setAutoCommit(false);
    }

    @AfterEach
    void disconnect() throws SQLException {
        app.rollback();
        app.close();
    }

    private UUID tenantWithARowInEveryTable() {
        Caller caller = Caller.ofNewTenant(port);
        Story story = new Story(caller);
        String product = story.product();
        caller.awaitState(story.job(product, story.readyVersion()), "SUCCEEDED");
        caller.post("/api/products/" + product + "/versions/1/base-model", Map.of("name", "ours"))
                .expect(201);
        String imported = caller.post("/api/base-models", Map.of("name", "imported", "task", "text-classification"))
                .expect(201)
                .string("id");
        caller.upload("/api/base-models/" + imported + "/files/config.json", BodyPublishers.ofString("{}"))
                .expect(200);
        caller.put("/api/products/" + product + "/deployment", Map.of("version", 1))
                .expect(200);
        caller.post("/api/api-keys", Map.of("name", "Website")).expect(201);
        String shop = story.product("recommendation");
        story.addEvents(shop, Map.of("user", "u1", "item", "i1"));
        return caller.tenant();
    }

    /** Each table of tenants with the column that says whose a row is. */
    static List<Table> tables() throws SQLException {
        try (Connection owner = connection("espalier_owner", Settings.DATABASE_OWNER_PASSWORD)) {
            List<Table> tables = new ArrayList<>(strings(
                            owner,
                            "select table_name from information_schema.columns"
                                    + " where table_schema = 'public' and column_name = 'tenant_id' order by 1")
                    .stream()
                    .map(name -> new Table(name, "tenant_id"))
                    .toList());
            tables.add(new Table("tenant", "id"));
            assertThat(tables).hasSizeGreaterThanOrEqualTo(14);
            return tables;
        }
    }

    /** @param column whose the row is */
    record Table(String name, String column) {
        @Override
        public String toString() {
            return name;
        }

        /** Inserts a row that is given as JSON. */
        String insert(String row) {
            return "insert into " + name + " select * from jsonb_populate_record(null::" + name + ", '"
                    + row.replace("'", "''") + "')";
        }

        String own(UUID tenant) {
            return name + " where " + column + " = '" + tenant + "'";
        }
    }

    @ParameterizedTest
    @MethodSource("tables")
    void showsATransactionTheRowsOfItsTenantOnly(Table table) throws SQLException {
        for (UUID tenant : List.of(mine, others)) {
            bind(tenant);
            ensureRow(table, tenant);

            assertThat(strings(app, "select distinct " + table.column() + " from " + table.name()))
                    .containsExactly(tenant.toString());
            app.rollback();
        }

        bind(mine);
        assertThat(strings(app, "select * from " + table.own(others))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void showsNothingToATransactionWithoutATenant(Table table) throws SQLException {
        assertThat(strings(app, "select * from " + table.name())).isEmpty();
        assertThat(update("delete from " + table.name())).isZero();
        app.rollback();

        strings(app, "select set_config('app.tenant_id', '', true)");
        assertThat(strings(app, "select * from " + table.name())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void takesNoRowWithoutATenantNorOneOfAnother(Table table) throws SQLException {
        bind(others);
        String row = ensureRow(table, others);
        app.rollback();

        assertDenied(table.insert(row));
        bind(mine);
        assertDenied(table.insert(row));

        // The statement is right: its own tenant may write it, where the row is not there yet.
        bind(others);
        assertThatThrownBy(() -> {
                    update(table.insert(row));
                    update(table.insert(row));
                })
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void changesNoRowOfAnotherTenant(Table table) throws SQLException {
        bind(mine);

        assertThat(update("update " + table.name() + " set " + table.column() + " = " + table.column() + " where "
                        + table.column() + " = '" + others + "'"))
                .isZero();
        assertThat(update("delete from " + table.own(others))).isZero();

        bind(others);
        ensureRow(table, others);
        assertThat(strings(app, "select * from " + table.own(others))).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void handsNoRowToAnotherTenant(Table table) throws SQLException {
        bind(mine);
        ensureRow(table, mine);

        assertDenied("update " + table.name() + " set " + table.column() + " = '" + others + "'");
    }

    @ParameterizedTest
    @MethodSource("tables")
    void letsTheDirectoryWriteNothing(Table table) throws SQLException {
        try (Connection directory = connection("espalier_directory", Settings.DATABASE_DIRECTORY_PASSWORD)) {
            for (String statement : List.of(
                    "delete from " + table.name(),
                    "update " + table.name() + " set " + table.column() + " = " + table.column(),
                    "insert into " + table.name() + " default values",
                    "truncate " + table.name())) {
                assertThatThrownBy(() -> execute(directory, statement))
                        .as(statement)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo(DENIED));
            }
        }
    }

    @Test
    void letsTheDirectoryLookAtOpenedColumnsOnly() throws SQLException {
        Map<String, Boolean> readable = new TreeMap<>();
        try (Connection directory = connection("espalier_directory", Settings.DATABASE_DIRECTORY_PASSWORD)) {
            for (String column : List.of(
                    "member.email", "member.role", "api_key.sha256", "api_key.name", "product.slug", "product.name")) {
                String[] parts = column.split("\\.");
                readable.put(column, reads(directory, "select " + parts[1] + " from " + parts[0]));
            }
            for (String table : List.of("dataset", "dataset_part", "training_job_event", "base_model")) {
                readable.put(table, reads(directory, "select count(*) from " + table));
            }
        }

        assertThat(readable)
                .containsOnly(
                        Map.entry("member.email", true),
                        Map.entry("member.role", false),
                        Map.entry("api_key.sha256", true),
                        Map.entry("api_key.name", false),
                        Map.entry("product.slug", true),
                        Map.entry("product.name", false),
                        Map.entry("dataset", false),
                        Map.entry("dataset_part", false),
                        Map.entry("training_job_event", false),
                        Map.entry("base_model", false));
    }

    @Test
    void letsNeitherRoleWriteTheBaseModelsOrChangeTheSchema() throws SQLException {
        try (Connection directory = connection("espalier_directory", Settings.DATABASE_DIRECTORY_PASSWORD)) {
            app.setAutoCommit(true);
            for (Connection role : List.of(app, directory)) {
                for (String statement : List.of(
                        "insert into base_model values ('x', 'x', 'x', 'en', 'x', 'x', 1, 'x/')",
                        "update base_model set object_prefix = 'tenants/'",
                        "delete from base_model",
                        "truncate base_model",
                        "truncate product cascade",
                        "alter table product disable row level security",
                        "drop policy tenant on product",
                        "create table public.loot (id uuid)",
                        "set role espalier_owner")) {
                    assertThatThrownBy(() -> execute(role, statement))
                            .as(statement)
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo(DENIED));
                }
            }
            app.setAutoCommit(false);
        }
        assertThat(strings(app, "select object_prefix from base_model"))
                .isNotEmpty()
                .allMatch(prefix -> prefix.startsWith("platform/"));
    }

    /** Foreign keys are checked past the policies, so the tenant has to be a part of them. */
    @Test
    void joinsNoRowToTheRowOfAnotherTenant() throws SQLException {
        Map<String, String> parents = new TreeMap<>(Map.of(
                "training_job.product_id", "product",
                "dataset_version.dataset_id", "dataset",
                "dataset_part.version_id", "dataset_version",
                "deployment.product_id", "product",
                "product_event.product_id", "product",
                "product.own_base_model", "tenant_base_model",
                "tenant_base_model.model_version_id", "model_version",
                "base_model_file.base_model_id", "tenant_base_model",
                "session.member_id", "member"));
        for (var reference : parents.entrySet()) {
            bind(others);
            String parent =
                    strings(app, "select id from " + reference.getValue()).getFirst();
            app.rollback();
            bind(mine);
            String[] parts = reference.getKey().split("\\.");

            assertThatThrownBy(() -> update("update " + parts[0] + " set " + parts[1] + " = '" + parent + "'"))
                    .as(reference.getKey())
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(FOREIGN_KEY));
            app.rollback();
        }
    }

    @Test
    void leavesNoTenantOnThePooledConnection() {
        int seen = TenantContext.call(
                mine,
                () -> transaction.execute(status -> jdbc.sql("select count(*) from product")
                        .query(Integer.class)
                        .single()));

        assertThat(seen).isEqualTo(2);
        // More than there are connections in the pool.
        for (int i = 0; i < 20; i++) {
            assertThat(jdbc.sql("select count(*) from product")
                            .query(Integer.class)
                            .single())
                    .isZero();
            assertThat(transaction.<Integer>execute(status -> jdbc.sql("select count(*) from product")
                            .query(Integer.class)
                            .single()))
                    .isZero();
        }
    }

    @Test
    void leavesNoTenantBehindAFailedTransaction() {
        assertThatThrownBy(() -> TenantContext.run(
                        mine,
                        () -> transaction.executeWithoutResult(
                                status -> jdbc.sql("select 1 / 0").query().singleValue())))
                .isInstanceOf(RuntimeException.class);

        assertThat(jdbc.sql("select current_tenant()").query().listOfRows().getFirst())
                .containsEntry("current_tenant", null);
    }

    /** @return one of the bound tenant's rows as JSON; those of object_deletion are gone with the objects, so one is made */
    private String ensureRow(Table table, UUID tenant) throws SQLException {
        String select = "select to_jsonb(t) from " + table.name() + " t limit 1";
        if (table.name().equals("object_deletion") && strings(app, select).isEmpty()) {
            execute(
                    app,
                    "insert into object_deletion values ('%s', gen_random_uuid(), 'tenants/%s/nothing', false, now())"
                            .formatted(tenant, tenant));
        }
        List<String> rows = strings(app, select);
        assertThat(rows)
                .as("Without a row of every tenant this proves nothing.")
                .hasSize(1);
        return rows.getFirst();
    }

    private void bind(UUID tenant) throws SQLException {
        strings(app, "select set_config('app.tenant_id', '" + tenant + "', true)");
    }

    private void assertDenied(String statement) throws SQLException {
        assertThatThrownBy(() -> execute(app, statement))
                .as(statement)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(DENIED));
        app.rollback();
    }

    private int update(String statement) throws SQLException {
        try (var running = app.createStatement()) {
            return running.executeUpdate(statement);
        }
    }

    private static boolean reads(Connection connection, String query) {
        try {
            strings(connection, query);
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo(DENIED);
            return false;
        }
    }

    private static Connection connection(String role, String password) throws SQLException {
        Map<String, String> environment = Servers.running().environment();
        return DriverManager.getConnection(environment.get(Settings.DATABASE_URL), role, environment.get(password));
    }

    /** The first column of each row. */
    private static List<String> strings(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
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
