package io.espalier.controlplane.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.route.WorkerReport;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;

class RouteTablesTest {
    /** Gives no connection before it is told to, and then says that there is none. */
    private static final class SilentDatabase extends AbstractDataSource {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch silence = new CountDownLatch(1);

        @Override
        public Connection getConnection() throws SQLException {
            asked.countDown();
            try {
                silence.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            throw new SQLException("The database is gone.");
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void letsReadersGoInTimeWhileTheDatabaseIsSilent() throws Exception {
        var database = new SilentDatabase();
        var workers = new InferenceWorkers();
        var tables = new RouteTables(JdbcClient.create(database), workers);
        workers.report("one", new WorkerReport(URI.create("http://127.0.0.1:1"), List.of(), Map.of()));
        Thread poll = Thread.startVirtualThread(tables::poll);
        database.asked.await();

        var table = tables.await(0, Duration.ofMillis(50));

        assertThat(table).isEmpty();
        database.silence.countDown();
        poll.join();
    }

    /** A gateway would keep such a table, and know no worker when it starts before the control plane the next time. */
    @Test
    void assemblesNoTableBeforeWorkersCouldReport() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        var now = new AtomicReference<>(start);
        var database = new SilentDatabase();
        database.silence.countDown();
        var workers = new InferenceWorkers(now::get);
        var tables = new RouteTables(JdbcClient.create(database), workers);

        tables.refresh();

        assertThat(database.asked.getCount()).isOne();
        now.set(start.plusSeconds(4));
        assertThatThrownBy(tables::refresh).hasRootCauseMessage("The database is gone.");
    }
}
