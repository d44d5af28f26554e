package io.espalier.controlplane.tenancy;

import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.TenantContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** All tenants of the installation; the operator's view. */
@Service
public class Tenants {
    private final JdbcClient jdbc;
    private final JdbcClient directory;
    private final TransactionTemplate transaction;
    private final Members members;

    Tenants(
            JdbcClient jdbc,
            @Qualifier("directory") JdbcClient directory,
            TransactionTemplate transaction,
            Members members) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.transaction = transaction;
        this.members = members;
    }

    /** Makes a tenant and its owner, both or neither. */
    public Tenant create(String name, String ownerEmail, String ownerPassword) {
        Tenant tenant = new Tenant(Ids.next(), name.strip(), Instant.now().truncatedTo(ChronoUnit.MILLIS));
        // The tenant's row is the first that it may write itself.
        TenantContext.run(
                tenant.id(),
                () -> transaction.executeWithoutResult(status -> {
                    jdbc.sql("insert into tenant (id, name, created_at) values (?, ?, ?)")
                            .params(
                                    tenant.id(),
                                    tenant.name(),
                                    OffsetDateTime.ofInstant(tenant.createdAt(), ZoneOffset.UTC))
                            .update();
                    members.add(tenant.id(), ownerEmail, ownerPassword, Member.Role.OWNER, "owner.");
                }));
        return tenant;
    }

    /** Newest first. */
    public Page<Tenant> list(PageRequest page) {
        return page.of(
                directory
                        .sql("select id, name, created_at from tenant where id < ? order by id desc limit ?")
                        .params(page.before(), page.limit() + 1)
                        .query(Tenants::read)
                        .list(),
                Tenant::id,
                tenant -> tenant);
    }

    /** @return the tenant of the current work */
    public Tenant get(UUID id) {
        return directory
                .sql("select id, name, created_at from tenant where id = ?")
                .param(id)
                .query(Tenants::read)
                .single();
    }

    private static Tenant read(ResultSet row, int number) throws SQLException {
        return new Tenant(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }
}
