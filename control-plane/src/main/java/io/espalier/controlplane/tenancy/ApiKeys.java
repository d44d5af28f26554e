package io.espalier.controlplane.tenancy;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.RoutesChanged;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** API keys: shown once, kept as a hash. What changes here reaches the gateways with the next route table. */
@Service
public class ApiKeys {
    private static final String SCHEME = "esp_live_";
    private static final int PREFIX_LENGTH = SCHEME.length() + 4;
    private static final String COLUMNS = "id, name, prefix, requests_per_minute, created_at, revoked_at";

    private final JdbcClient jdbc;
    private final ApplicationEventPublisher publisher;

    ApiKeys(JdbcClient jdbc, ApplicationEventPublisher publisher) {
        this.jdbc = jdbc;
        this.publisher = publisher;
    }

    @Transactional
    public ApiKey create(UUID tenant, String name, int requestsPerMinute) {
        String key = SCHEME + Secrets.random();
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS);
        ApiKey made = new ApiKey(
                Ids.next(),
                name.strip(),
                key.substring(0, PREFIX_LENGTH),
                requestsPerMinute,
                now.toInstant(),
                null,
                key);
        jdbc.sql("""
                        insert into api_key (tenant_id, id, name, prefix, sha256, requests_per_minute, created_at)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                .params(tenant, made.id(), made.name(), made.prefix(), Sha256.of(key), requestsPerMinute, now)
                .update();
        publisher.publishEvent(new RoutesChanged());
        return made;
    }

    /** Newest first, revoked ones included. */
    @Transactional(readOnly = true)
    public Page<ApiKey> list(UUID tenant, PageRequest page) {
        return page.of(
                jdbc.sql("select " + COLUMNS + " from api_key where tenant_id = ? and id < ? order by id desc limit ?")
                        .params(tenant, page.before(), page.limit() + 1)
                        .query(ApiKeys::read)
                        .list(),
                ApiKey::id,
                key -> key);
    }

    /** Revoking a revoked key changes nothing. */
    @Transactional
    public void revoke(UUID tenant, UUID id) {
        int found = jdbc.sql(
                        "update api_key set revoked_at = coalesce(revoked_at, now()) where tenant_id = ? and id = ?")
                .params(tenant, id)
                .update();
        if (found == 0) {
            throw new ProblemException(ProblemType.NOT_FOUND, "There is no such API key.");
        }
        publisher.publishEvent(new RoutesChanged());
    }

    private static ApiKey read(ResultSet row, int number) throws SQLException {
        OffsetDateTime revoked = row.getObject("revoked_at", OffsetDateTime.class);
        return new ApiKey(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("prefix"),
                row.getInt("requests_per_minute"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                revoked == null ? null : revoked.toInstant(),
                null);
    }
}
