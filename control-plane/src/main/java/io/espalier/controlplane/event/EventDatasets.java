package io.espalier.controlplane.event;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
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
     * Makes the next version of a dataset: the files of one of its versions, and all events of the product so far, in columns of the
     * names that this version has. Events that the version holds already, as a part of its own, are not in it twice.
     *
     * @throws ProblemException NOT_FOUND for the product; INVALID_REQUEST for a version that is not ready or of another task;
     *     CONFLICT where the product has no events that are rows of a dataset
     */
    public DatasetVersionResponse extend(UUID tenant, UUID productId, UUID datasetVersion) {
        Product product = products.require(tenant, productId);
        TaskDescriptor task = Tasks.find(product.task()).orElseThrow();
        TrainableVersion base = base(task, versions.lookUp(tenant, datasetVersion));
        EventKind kind = task.events().stream()
                .filter(known -> !known.columns().isEmpty())
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ProblemType.CONFLICT, "A product of %s collects no rows of a dataset.".formatted(task.name())));
        long last = events.lastSequence(tenant, productId, kind.name())
                .orElseThrow(() -> new ProblemException(
                        ProblemType.CONFLICT, "The product has no %s yet.".formatted(kind.name())));
        var lines = events.lines(
                tenant,
                productId,
                last,
                event -> event.kind().equals(kind.name())
                        ? Optional.of(row(kind, base, event.body()))
                        : Optional.empty());
        // By the product's id, which no other product ever has: the part takes the place of the product's own.
        String name = "%s-%s.jsonl".formatted(kind.name(), productId);
        return uploads.extend(base, new Uploads.EventPart(name, lines, last));
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
    private static ObjectNode row(EventKind kind, TrainableVersion base, JsonNode event) {
        ColumnMapping mapping = base.mapping();
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (String role : kind.columns()) {
            for (String column : mapping.columnsByRole().getOrDefault(role, List.of())) {
                row.set(column, event.get(role));
            }
        }
        if (base.hasSplitColumn()) {
            row.put(mapping.splitColumn(), Split.TRAIN.name().toLowerCase(Locale.ROOT));
        }
        return row;
    }
}
