package io.espalier.controlplane.serving;

import io.espalier.contracts.route.RouteTable;
import io.espalier.controlplane.platform.RoutesChanged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The newest route table, assembled from the database and the workers' reports: at once after a change of ours, and once a
 * second for those of other replicas. Thread-safe.
 */
@Component
public class RouteTables {
    private static final Logger log = LoggerFactory.getLogger(RouteTables.class);

    private final JdbcClient directory;
    private final InferenceWorkers workers;
    /** For whoever reads the database: never taken by those who only wait for a table. */
    private final ReentrantLock refreshing = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile RouteTable current = RouteTable.EMPTY;

    RouteTables(@Qualifier("directory") JdbcClient directory, InferenceWorkers workers) {
        this.directory = directory;
        this.workers = workers;
    }

    /** @return a table newer than the version, as soon as there is one; empty if the time is up first */
    public Optional<RouteTable> await(long afterVersion, Duration atMost) throws InterruptedException {
        long nanos = atMost.toNanos();
        lock.lock();
        try {
            while (current.version() <= afterVersion && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return current.version() > afterVersion ? Optional.of(current) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @TransactionalEventListener(fallbackExecution = true)
    void on(RoutesChanged event) {
        refresh();
    }

    @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.SECONDS)
    void poll() {
        try {
            refresh();
        } catch (RuntimeException e) {
            // The gateways go on with what they have.
            log.warn("The route table cannot be read now: {}", e.getMessage());
        }
    }

    public void refresh() {
        if (!workers.areKnown()) {
            return;
        }
        refreshing.lock();
        try {
            RouteTable next = new RouteTable(current.version(), keys(), products(), workers.live());
            if (!next.equals(current) || current.version() == 0) {
                // By the clock, so that versions also grow across restarts and replicas.
                long version = Math.max(current.version() + 1, System.currentTimeMillis());
                publish(new RouteTable(version, next.keys(), next.products(), next.workers()));
            }
        } finally {
            refreshing.unlock();
        }
    }

    private void publish(RouteTable next) {
        lock.lock();
        try {
            current = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<RouteTable.ApiKey> keys() {
        return directory
                .sql(
                        "select sha256, tenant_id, id, requests_per_minute from api_key where revoked_at is null order by id")
                .query((row, number) -> new RouteTable.ApiKey(
                        row.getString("sha256"),
                        row.getObject("tenant_id", UUID.class),
                        row.getObject("id", UUID.class),
                        row.getInt("requests_per_minute")))
                .list();
    }

    private List<RouteTable.Product> products() {
        Map<UUID, RouteTable.Product> products = new LinkedHashMap<>();
        directory.sql("""
                        select p.tenant_id, p.id, p.slug, p.task, v.id as model_id, v.number, v.bundle_sha256, v.bundle_key,
                               v.bundle_bytes
                        from product p
                        left join lateral (
                            select model_version_id from deployment d
                            where d.tenant_id = p.tenant_id and d.product_id = p.id order by d.id desc limit 1) d on true
                        left join model_version v on v.tenant_id = p.tenant_id and v.id = d.model_version_id
                        order by p.id""").query(row -> {
            List<RouteTable.Variant> variants = new ArrayList<>();
            UUID model = row.getObject("model_id", UUID.class);
            if (model != null) {
                variants.add(new RouteTable.Variant(
                        model,
                        row.getInt("number"),
                        new RouteTable.Bundle(
                                row.getString("bundle_sha256"),
                                row.getString("bundle_key"),
                                row.getLong("bundle_bytes")),
                        1));
            }
            UUID id = row.getObject("id", UUID.class);
            products.put(
                    id,
                    new RouteTable.Product(
                            row.getObject("tenant_id", UUID.class),
                            id,
                            row.getString("slug"),
                            row.getString("task"),
                            List.copyOf(variants)));
        });
        return List.copyOf(products.values());
    }
}
