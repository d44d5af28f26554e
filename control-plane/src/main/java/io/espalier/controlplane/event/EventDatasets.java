package io.espalier.controlplane.event;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.EventKind;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.Product;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.dataset.DatasetVersionResponse;
import io.espalier.controlplane.dataset.DatasetVersions;
import io.espalier.controlplane.dataset.DatasetVersions.Lookup;
import io.espalier.controlplane.dataset.TrainableVersion;
import io.espalier.controlplane.dataset.Uploads;
import io.espalier.controlplane.dataset.Uploads.EventPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes dataset versions of what products collected. */
@Service
public class EventDatasets {
    private static final String FIELD = "datasetVersion";

    private final ProductEvents events;
    private final Products products;
    private final DatasetVersions versions;
    private final Uploads uploads;

    EventDatasets(ProductEvents events, Products products, DatasetVersions versions, Uploads uploads) {
        this.events = events;
        this.products = products;
        this.versions = versions;
        this.uploads = uploads;
    }

    /**
     * Makes the next version of a dataset: the files of one of its versions, and all events of the product so far, a file a kind, in
     * columns of the names that this version has. Events that the version holds already, as a part of its own, are not in it twice.
     *
     * @throws ProblemException NOT_FOUND for the product; INVALID_REQUEST for a version that is not ready or of another task;
     *     CONFLICT where the product has no events that are rows of one like it
     */
    public DatasetVersionResponse extend(UUID tenant, UUID productId, UUID datasetVersion) {
        Product product = products.require(tenant, productId);
        TaskDescriptor task = Tasks.find(product.task()).orElseThrow();
        TrainableVersion base = base(task, versions.lookUp(tenant, datasetVersion));
        List<EventKind> kinds = task.events().stream()
                .filter(kind -> kind.columns().stream().anyMatch(role -> has(base, role)))
                .toList();
        if (kinds.isEmpty()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "A product of %s collects no rows of such a dataset.".formatted(task.name()));
        }
        List<EventPart> parts = new ArrayList<>();
        for (EventKind kind : kinds) {
            events.lastSequence(tenant, productId, kind)
                    .ifPresent(last -> parts.add(part(tenant, product, task, kind, base, last)));
        }
        if (parts.isEmpty()) {
            String names = kinds.stream().map(EventKind::name).collect(Collectors.joining(" or "));
            throw new ProblemException(ProblemType.CONFLICT, "The product has no %s yet.".formatted(names));
        }
        return uploads.extend(base, parts);
    }

    private static boolean has(TrainableVersion version, String role) {
        return !version.mapping().columnsByRole().getOrDefault(role, List.of()).isEmpty();
    }

    private EventPart part(
            UUID tenant, Product product, TaskDescriptor task, EventKind kind, TrainableVersion base, long last) {
        String table = task.columns().stream()
                .filter(role -> kind.columns().contains(role.name()))
                .map(ColumnRole::table)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        // By the product's id, which no other product ever has: the part takes the place of the product's own. A
        // table's
        // file begins with its name.
        String name = table == null
                ? "%s-%s.jsonl".formatted(kind.name(), product.id())
                : "%s.%s.jsonl".formatted(table, product.id());
        boolean examples = table == null;
        return new EventPart(
                name,
                examples,
                events.lines(tenant, product.id(), kind, last, event -> row(kind, base, examples, event)),
                last);
    }

    private static TrainableVersion base(TaskDescriptor task, Lookup found) {
        return switch (found) {
            case Lookup.Ready(TrainableVersion ready) -> {
                if (!ready.task().equals(task.name())) {
                    throw ProblemException.invalidField(
                            FIELD, "is for %s; the product needs %s".formatted(ready.task(), task.name()));
                }
                yield ready;
            }
            case Lookup.NotReady(var state) ->
                throw ProblemException.invalidField(FIELD, "is " + state + "; only a READY one can be extended");
            case Lookup.Unknown() -> throw ProblemException.invalidField(FIELD, "does not exist");
        };
    }

    /** With every column that the version needs, so that it has the same ones whichever file comes first. */
    private static ObjectNode row(EventKind kind, TrainableVersion base, boolean example, JsonNode event) {
        ColumnMapping mapping = base.mapping();
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (String role : kind.columns()) {
            JsonNode value = event.path(role);
            for (String column : mapping.columnsByRole().getOrDefault(role, List.of())) {
                row.set(column, value.isObject() ? value.get(column) : event.get(role));
            }
        }
        if (example && base.hasSplitColumn()) {
            row.put(mapping.splitColumn(), Split.TRAIN.name().toLowerCase(Locale.ROOT));
        }
        return row;
    }
}
