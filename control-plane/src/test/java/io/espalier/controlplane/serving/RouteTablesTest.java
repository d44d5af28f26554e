package io.espalier.controlplane.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
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
        var tables = new RouteTables(JdbcClient.create(database), new InferenceWorkers());
        Thread poll = Thread.startVirtualThread(tables::poll);
        database.asked.await();

        var table = tables.await(0, Duration.ofMillis(50));

        assertThat(table).isEmpty();
        database.silence.countDown();
        poll.join();
    }
}
