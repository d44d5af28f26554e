package io.espalier.controlplane.platform;

import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Tells PostgreSQL the tenant at the beginning of every transaction; row-level security does the rest. The setting is local
 * to the transaction, so a pooled connection carries none to the next one; without a tenant no row is seen.
 */
@Component
class TenantBoundTransactions implements TransactionExecutionListener {
    private final DataSource dataSource;

    TenantBoundTransactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
        UUID tenant = TenantContext.current().orElse(null);
        if (beginFailure != null || tenant == null || !transaction.isNewTransaction()) {
            return;
        }
        // The transaction's own connection: it is bound to the thread by now, for JPA and JDBC alike.
        var connection = DataSourceUtils.getConnection(dataSource);
        try (var statement = connection.prepareStatement("select set_config('app.tenant_id', ?, true)")) {
            statement.setString(1, tenant.toString());
            statement.execute();
        } catch (SQLException e) {
            throw new CannotCreateTransactionException("The transaction cannot be bound to its tenant", e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }
}
