package io.espalier.controlplane.event;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.EventPoll;
import io.espalier.contracts.route.EventPoll.Answer;
import io.espalier.contracts.route.EventPoll.Batch;
import io.espalier.contracts.route.EventPoll.Event;
import io.espalier.contracts.route.EventPoll.Position;
import io.espalier.contracts.task.EventKind;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.Product;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.event.EventFollowers.ProductKey;
import io.espalier.controlplane.platform.TenantContext;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The events of products: keeps them for good, and brings them to the inference workers that follow a product. */
@Service
public class ProductEvents {
    /** How long a caller waits until the workers' answers follow its events. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** In one answer to a worker, and in one look at the table. */
    private static final int MOST_READ = 5000;
    /** Likewise, of bodies, and those of one event more. */
    private static final int MOST_BYTES_READ = 8 << 20;
    /** Of an {@code event} that is about something: that no later one up to {@code :last} is. */
    private static final String LATEST = """
            not exists (
                select from product_event later
                where later.tenant_id = :tenant and later.product_id = :product and later.kind = event.kind
                and later.subject = event.subject and later.sequence > event.sequence and later.sequence <= :last)""";

    private final JdbcClient jdbc;
    private final JdbcClient directory;
    private final TransactionTemplate transaction;
    private final Products products;
    private final EventFollowers followers;
    private final JsonMapper json;

    ProductEvents(
            JdbcClient jdbc,
            @Qualifier("directory") JdbcClient directory,
            TransactionTemplate transaction,
            Products products,
            EventFollowers followers,
            JsonMapper json) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.transaction = transaction;
        this.products = products;
        this.followers = followers;
        this.json = json;
    }

    /**
     * What became of a request's events.
     *
     * @param accepted how many were stored
     * @param applied whether all answers that begin from now on follow them; otherwise they soon will
     */
    public record Receipt(int accepted, boolean applied) {}

    /**
     * Stores events, all of a request or none, and waits a moment until the workers that follow the product have them. Not idempotent:
     * a caller that repeats a request has its events twice.
     *
     * @throws ProblemException NOT_FOUND for the product, or where its task takes no such events; MALFORMED_REQUEST or
     *     INVALID_REQUEST
     */
    public Receipt add(UUID tenant, UUID productId, String kind, JsonNode body) {
        Product product = products.require(tenant, productId);
        EventKind taken = Tasks.find(product.task())
                .flatMap(task -> task.events(kind))
                .orElseThrow(() -> new ProblemException(
                        ProblemType.NOT_FOUND, "A product of %s takes no %s.".formatted(product.task(), kind)));
        List<ObjectNode> events = taken.read(body, Instant.now());
        long last = Objects.requireNonNull(transaction.execute(
                status -> append(tenant, productId, taken, json.writeValueAsString(events), events.size())));
        ProductKey key = new ProductKey(tenant, productId);
        followers.arrived(key);
        try {
            return new Receipt(events.size(), followers.awaitFollowed(key, kind, last, PATIENCE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Receipt(events.size(), false);
        }
    }

    /** @return the number of the last of the events */
    private long append(UUID tenant, UUID product, EventKind kind, String events, int count) {
        long last = jdbc.sql("""
                        update product set last_event_sequence = last_event_sequence + ? where tenant_id = ? and id = ?
                        returning last_event_sequence""")
                .params(count, tenant, product)
                .query(Long.class)
                .optional()
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such product."));
        jdbc.sql("""
                        insert into product_event (tenant_id, product_id, sequence, kind, subject, body, received_at)
                        select :tenant, :product, :before + event.number, :kind, event.body ->> :key, event.body, now()
                        from jsonb_array_elements(:events::jsonb) with ordinality as event (body, number)""")
                .param("tenant", tenant)
                .param("product", product)
                .param("before", last - count)
                .param("kind", kind.name())
                .param("key", kind.key())
                .param("events", events)
                .update();
        return last;
    }

    /** Answers a worker, as {@link EventPoll} says. */
    public Answer poll(String worker, EventPoll poll) throws InterruptedException {
        long deadline = System.nanoTime() + EventPoll.PATIENCE.toNanos();
        followers.heard(worker, poll.positions());
        while (true) {
            long arrivals = followers.arrivals();
            Answer answer = read(poll);
            if (!answer.batches().isEmpty()
                    || poll.positions().isEmpty()
                    || !followers.awaitArrival(arrivals, poll.positions(), deadline)) {
                return answer;
            }
        }
    }

    private Answer read(EventPoll poll) {
        Map<ProductKey, Long> lasts = lastSequences();
        List<Batch> batches = new ArrayList<>();
        int read = 0;
        long bytes = 0;
        boolean more = false;
        for (Position position : poll.positions()) {
            long last = lasts.getOrDefault(ProductKey.of(position), 0L);
            // Who is further than the table has a past that is gone: the database was restored from a backup.
            long after = position.after() > last ? 0 : position.after();
            if (after < last && read < MOST_READ && bytes < MOST_BYTES_READ) {
                int most = MOST_READ - read;
                Piece piece = TenantContext.call(
                        position.tenant(),
                        () -> next(position, after, Math.max(after, last - poll.most()), last, most));
                if (!piece.events().isEmpty()) {
                    batches.add(new Batch(position.tenant(), position.product(), piece.events()));
                    read += piece.events().size();
                    bytes += piece.bytes();
                    more |= piece.events().getLast().sequence() < last;
                }
            } else {
                more |= after < last;
            }
        }
        return new Answer(batches, more);
    }

    private Map<ProductKey, Long> lastSequences() {
        Map<ProductKey, Long> lasts = new HashMap<>();
        directory
                .sql("select tenant_id, id, last_event_sequence from product where last_event_sequence > 0")
                .query(row -> {
                    lasts.put(
                            new ProductKey(row.getObject("tenant_id", UUID.class), row.getObject("id", UUID.class)),
                            row.getLong("last_event_sequence"));
                });
        return lasts;
    }

    /** @param bytes of the bodies */
    private record Piece(List<Event> events, long bytes) {}

    /**
     * The next events for a worker, after a number and up to another.
     *
     * @param window of those up to this number only what is worth keeping however old: the last that was said of something
     */
    private Piece next(Position position, long after, long window, long last, int most) {
        return read(
                """
                (select sequence, kind, body from product_event
                where tenant_id = :tenant and product_id = :product and sequence > :window and sequence <= :last
                order by sequence limit :most)
                union all
                (select sequence, kind, body from product_event event
                where tenant_id = :tenant and product_id = :product and sequence > :after and sequence <= :window
                and subject is not null and %s
                order by sequence limit :most)""".formatted(LATEST),
                Map.of(
                        "tenant",
                        position.tenant(),
                        "product",
                        position.product(),
                        "after",
                        after,
                        "window",
                        window,
                        "last",
                        last,
                        "most",
                        most));
    }

    /** @return the number of the product's last event of a kind; empty before the first */
    Optional<Long> lastSequence(UUID tenant, UUID product, EventKind kind) {
        String subject = kind.key() == null ? "" : "and subject is not null";
        return Objects.requireNonNull(transaction.execute(status -> jdbc.sql("""
                        select max(sequence) from product_event
                        where tenant_id = ? and product_id = ? and kind = ? %s""".formatted(subject))
                .params(tenant, product, kind.name())
                .query(Long.class)
                .optional()));
    }

    /**
     * The product's events of a kind up to a number as JSON Lines. The table is read piece by piece, as the stream is.
     *
     * @param row makes an object of an event's body
     */
    InputStream lines(UUID tenant, UUID product, EventKind kind, long last, Function<JsonNode, ObjectNode> row) {
        return new SequenceInputStream(new Enumeration<>() {
            private long read;

            @Override
            public boolean hasMoreElements() {
                return read < last;
            }

            @Override
            public InputStream nextElement() {
                List<Event> events = rows(tenant, product, kind, read, last);
                read = events.isEmpty() ? last : events.getLast().sequence();
                StringBuilder lines = new StringBuilder();
                events.forEach(event -> lines.append(json.writeValueAsString(row.apply(event.body())))
                        .append('\n'));
                return new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    /** The next events of a kind, of those about the same only the last. */
    private List<Event> rows(UUID tenant, UUID product, EventKind kind, long after, long last) {
        return read(
                        """
                select sequence, kind, body from product_event event
                where tenant_id = :tenant and product_id = :product and sequence > :after and sequence <= :last
                and kind = :kind %s
                order by sequence limit :most""".formatted(kind.key() == null ? "" : "and subject is not null and " + LATEST),
                        Map.of(
                                "tenant",
                                tenant,
                                "product",
                                product,
                                "after",
                                after,
                                "kind",
                                kind.name(),
                                "last",
                                last,
                                "most",
                                MOST_READ))
                .events();
    }

    /** A piece that fits into memory: one event at least, and no more than so many bytes and one event. */
    private Piece read(String source, Map<String, Object> parameters) {
        long[] bytes = new long[1];
        List<Event> events = Objects.requireNonNull(transaction.execute(status -> jdbc.sql(
                        """
                        select * from (
                            select piece.*, sum(bytes) over (order by sequence) as read from (
                                select *, octet_length(body::text) as bytes from (%s) source
                                order by sequence limit :most) piece) counted
                        where read - bytes < %d order by sequence""".formatted(source, MOST_BYTES_READ))
                .params(parameters)
                .query((row, number) -> {
                    bytes[0] += row.getLong("bytes");
                    return new Event(
                            row.getLong("sequence"), row.getString("kind"), json.readTree(row.getString("body")));
                })
                .list()));
        return new Piece(events, bytes[0]);
    }
}
