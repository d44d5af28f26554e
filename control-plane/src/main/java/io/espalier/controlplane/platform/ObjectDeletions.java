package io.espalier.controlplane.platform;

import io.espalier.contracts.artifact.ObjectStore;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Deletes objects whose rows are gone. The wish is a row of the same transaction, so nothing is deleted that was rolled back
 * and nothing is forgotten when the store is away; a sweep carries it out within seconds and until it succeeds.
 */
@Component
public class ObjectDeletions {
    private static final Logger log = LoggerFactory.getLogger(ObjectDeletions.class);

    /** Presigned URLs are valid for an hour, and whatever still runs is shorter. Ten minutes for the clocks and the last bytes. */
    private static final Duration LAST_WRITES = Duration.ofMinutes(70);

    private final JdbcClient jdbc;
    private final JdbcClient directory;
    private final ObjectStore store;
    private final TransactionTemplate transaction;

    ObjectDeletions(
            JdbcClient jdbc,
            @Qualifier("directory") JdbcClient directory,
            ObjectStore store,
            TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.store = store;
        this.transaction = transaction;
    }

    /** Deletes one object after the current transaction. */
    public void object(UUID tenant, String key) {
        wish(tenant, key, false, null, Duration.ZERO);
    }

    /**
     * Deletes all objects under a prefix after the current transaction, and once more when whoever began to write there
     * before it must have ended. Nothing may be written there on purpose any more.
     */
    public void prefix(UUID tenant, String prefix) {
        wish(tenant, prefix, true, null, Duration.ZERO);
        wish(tenant, prefix, true, null, LAST_WRITES);
    }

    /**
     * Deletes all objects under a prefix but those that begin with another after the current transaction, and once more as
     * {@link #prefix} does.
     *
     * @param kept a key, or a prefix
     */
    public void othersUnder(UUID tenant, String prefix, String kept) {
        wish(tenant, prefix, true, kept, Duration.ZERO);
        wish(tenant, prefix, true, kept, LAST_WRITES);
    }

    private void wish(UUID tenant, String key, boolean prefix, @Nullable String keptKey, Duration delay) {
        jdbc.sql("""
                        insert into object_deletion (tenant_id, id, object_key, is_prefix, kept_key, created_at, due_at)
                        values (?, ?, ?, ?, ?, now(), now() + make_interval(secs => ?))""")
                .param(tenant)
                .param(Ids.next())
                .param(key)
                .param(prefix)
                .param(keptKey)
                .param((double) delay.toSeconds())
                .update();
    }

    private record Wish(
            UUID tenant,
            UUID id,
            String key,
            boolean prefix,
            @Nullable String keptKey) {}

    private void delete(Wish wish) {
        if (!wish.prefix()) {
            store.delete(wish.key());
        } else if (wish.keptKey() == null) {
            store.deletePrefix(wish.key());
        } else {
            store.list(wish.key()).stream()
                    .filter(key -> !key.startsWith(wish.keptKey()))
                    .forEach(store::delete);
        }
    }

    @Scheduled(fixedDelayString = "PT2S", initialDelayString = "PT5S")
    void sweep() {
        var wishes = directory
                .sql("""
                        select tenant_id, id, object_key, is_prefix, kept_key from object_deletion
                        where due_at <= now() order by random() limit 500""")
                .query((row, number) -> new Wish(
                        row.getObject("tenant_id", UUID.class),
                        row.getObject("id", UUID.class),
                        row.getString("object_key"),
                        row.getBoolean("is_prefix"),
                        row.getString("kept_key")))
                .list();
        // One that cannot be deleted must not keep the others: hence the random order, and a few failures until giving
        // up.
        int failures = 0;
        for (Wish wish : wishes) {
            try {
                delete(wish);
            } catch (RuntimeException e) {
                log.warn("Objects cannot be deleted now, will try again: {}", e.getMessage());
                if (++failures == 3) {
                    return;
                }
                continue;
            }
            TenantContext.run(
                    wish.tenant(),
                    () -> transaction.executeWithoutResult(
                            status -> jdbc.sql("delete from object_deletion where tenant_id = ? and id = ?")
                                    .params(wish.tenant(), wish.id())
                                    .update()));
        }
    }
}
