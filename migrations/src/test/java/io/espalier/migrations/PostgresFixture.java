package io.espalier.migrations;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A PostgreSQL server on the loopback address, one for all tests of a process and ending with it: a container where a container
 * engine runs, else the embedded server. Its databases belong to a role that is no superuser, as in production.
 */
public final class PostgresFixture {
    public static final String OWNER = "espalier_owner";
    /** Of every role. */
    public static final String PASSWORD = "password-of-the-tests";

    private static final String SUPERUSER = "postgres";
    private static final PostgresFixture RUNNING = new PostgresFixture();

    private final String address;
    private final AtomicInteger databases = new AtomicInteger();

    private PostgresFixture() {
        try {
            address = DockerClientFactory.instance().isDockerAvailable() ? startContainer() : startEmbedded();
            asSuperuser("create role %s login createrole password '%s'".formatted(OWNER, PASSWORD));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static PostgresFixture running() {
        return RUNNING;
    }

    private static String startContainer() {
        @SuppressWarnings("resource") // Ends with the process.
        var container =
                new PostgreSQLContainer("postgres:18").withUsername(SUPERUSER).withPassword(PASSWORD);
        container.start();
        return container.getHost() + ":" + container.getMappedPort(5432);
    }

    private static String startEmbedded() throws IOException {
        return "127.0.0.1:" + EmbeddedPostgres.builder().start().getPort();
    }

    /** @return the JDBC URL of a new, empty database */
    public String newDatabase() {
        String name = "espalier" + databases.incrementAndGet();
        try {
            asSuperuser("create database %s owner %s".formatted(name, OWNER));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return url(name);
    }

    /** The caller closes the connection. */
    public static Connection connect(String url, String role) throws SQLException {
        return DriverManager.getConnection(url, role, PASSWORD);
    }

    private void asSuperuser(String sql) throws SQLException {
        try (var connection = connect(url("postgres"), SUPERUSER);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String url(String database) {
        return "jdbc:postgresql://" + address + "/" + database;
    }
}
