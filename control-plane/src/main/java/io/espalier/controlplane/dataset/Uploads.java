package io.espalier.controlplane.dataset;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.process.Settings;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.UploadLimit;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.util.unit.DataSize;

/**
 * Brings files into the object store. Bytes pass through without being held, and outside of any transaction: an upload may
 * take an hour. Each upload has an object of its own, which counts from the moment that its row is committed.
 */
@Service
public class Uploads {
    /** Of one part, as Spring reads a size: {@code 500MB}, {@code 5GB}. */
    static final String LIMIT = "ESPALIER_UPLOAD_LIMIT";

    private static final Duration URL_VALIDITY = Duration.ofHours(1);
    private static final int PARTS_A_VERSION = 100;
    private static final int NAME_CHARACTERS = 200;

    private final DatasetVersions versions;
    private final ObjectStore store;
    private final UploadLimit limit;

    Uploads(DatasetVersions versions, ObjectStore store, Settings settings) {
        this.versions = versions;
        this.store = store;
        this.limit = limit(settings);
    }

    static UploadLimit limit(Settings settings) {
        return new UploadLimit(
                DataSize.parse(settings.get(LIMIT, "5GB")).toBytes(),
                "A part may have up to %,d bytes; divide larger files into several parts.");
    }

    /** A URL that takes one part. */
    public record Ticket(URI url, Instant expiresAt) {}

    /**
     * Streams a part in, in the place of one of the same name.
     *
     * @param declaredBytes what the caller says it will send; negative where it does not say
     * @throws ProblemException PAYLOAD_TOO_LARGE as soon as that is known; CONFLICT if the version is complete
     */
    public DatasetVersionResponse.Part put(
            UUID tenant,
            UUID dataset,
            String version,
            String name,
            @Nullable String split,
            long declaredBytes,
            InputStream content) {
        limit.check(declaredBytes);
        Split use = split(split);
        DatasetVersionRef ref = open(tenant, dataset, version, name).ref();
        UUID id = Ids.next();
        String key = ObjectKeys.datasetPart(ref, id);
        var counted = limit.limit(content);
        try {
            store.put(key, counted);
            if (counted.bytes() == 0) {
                throw ProblemException.invalidField("body", "is empty; send the file's bytes");
            }
            return versions.put(
                    ref, new UploadedPart(tenant, id, ref.version(), name, use, key, counted.bytes(), now()));
        } catch (RuntimeException e) {
            versions.discard(tenant, key);
            throw e;
        }
    }

    /** A URL that whoever holds it may {@code PUT} the part's bytes to; the part counts when the version is completed. */
    public Ticket ticket(
            UUID tenant, UUID dataset, String version, String name, @Nullable String split, URI publicOrigin) {
        Split use = split(split);
        DatasetVersionRef ref = open(tenant, dataset, version, name).ref();
        UUID id = Ids.next();
        String key = ObjectKeys.datasetPart(ref, id);
        Instant now = now();
        URI url = throughGateway(URI.create(store.presignPut(key, URL_VALIDITY)), publicOrigin);
        versions.put(ref, new UploadedPart(tenant, id, ref.version(), name, use, key, null, now));
        return new Ticket(url, now.plus(URL_VALIDITY));
    }

    /**
     * Ends the upload and has the version inspected. Nothing changes its files after that, also no URL that was given out.
     *
     * @throws ProblemException CONFLICT if there is no part, or one that did not arrive; PAYLOAD_TOO_LARGE for one that
     *     came by URL and is too large
     */
    public DatasetVersionResponse complete(UUID tenant, UUID dataset, String version) {
        var open = versions.open(tenant, dataset, version);
        if (open.parts().isEmpty()) {
            throw new ProblemException(ProblemType.CONFLICT, "The version has no parts; upload a file first.");
        }
        List<String> missing = new ArrayList<>();
        for (UploadedPart part : open.parts()) {
            OptionalLong size = store.size(part.objectKey());
            if (size.isEmpty()) {
                missing.add(part.name());
            } else {
                limit.check(size.getAsLong());
            }
        }
        if (!missing.isEmpty()) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "These parts have not arrived yet: " + String.join(", ", missing));
        }
        Map<UUID, UploadedPart.Arrival> arrivals = new HashMap<>();
        List<String> copies = new ArrayList<>();
        try {
            for (UploadedPart part : open.parts()) {
                String key = part.objectKey();
                if (part.bytes() == null) {
                    // It came by a URL that is valid for a while yet: a copy is where the URL does not lead.
                    key = ObjectKeys.datasetPart(open.ref(), Ids.next());
                    copies.add(key);
                    store.copy(part.objectKey(), key);
                }
                arrivals.put(
                        part.id(), new UploadedPart.Arrival(key, store.size(key).orElseThrow()));
            }
            return versions.complete(open.ref(), arrivals);
        } catch (RuntimeException e) {
            copies.forEach(copy -> versions.discard(tenant, copy));
            throw e;
        }
    }

    /**
     * A file made of a product's events.
     *
     * @param examples whether its rows are examples, rather than of another table
     * @param lastEventSequence up to which event of its product it goes
     */
    public record EventPart(String name, boolean examples, InputStream content, long lastEventSequence) {}

    /**
     * Makes another version of a version's dataset, of copies of its files and some more, which take the places of those of the
     * same names. It has the mapping that was found for the first one, and is inspected as if all had been uploaded.
     *
     * @throws ProblemException CONFLICT if there are as many files as a version can have
     */
    public DatasetVersionResponse extend(TrainableVersion base, List<EventPart> more) {
        UUID tenant = base.ref().tenant();
        List<DatasetPart> kept = base.parts().stream()
                .filter(part -> more.stream().noneMatch(other -> other.name().equals(part.name())))
                .toList();
        if (kept.size() + more.size() > PARTS_A_VERSION) {
            throw tooManyParts();
        }
        // Where any rows say what they are for, these are for training: a test split stays as it is.
        boolean splitsGiven = base.hasSplitColumn() || kept.stream().anyMatch(part -> part.split() != null);
        UUID made =
                versions.create(tenant, base.ref().dataset(), base.mapping()).id();
        DatasetVersionRef ref = new DatasetVersionRef(tenant, base.ref().dataset(), made);
        try {
            for (DatasetPart part : kept) {
                UUID id = Ids.next();
                String key = ObjectKeys.datasetPart(ref, id);
                store.copy(part.objectKey(), key);
                versions.put(
                        ref,
                        new UploadedPart(tenant, id, made, part.name(), part.split(), key, part.bytes(), now())
                                .upTo(part.lastEventSequence()));
            }
            for (EventPart part : more) {
                UUID id = Ids.next();
                String key = ObjectKeys.datasetPart(ref, id);
                var counted = limit.limit(part.content());
                store.put(key, counted);
                Split split = splitsGiven && part.examples() ? Split.TRAIN : null;
                versions.put(
                        ref,
                        new UploadedPart(tenant, id, made, part.name(), split, key, counted.bytes(), now())
                                .upTo(part.lastEventSequence()));
            }
            return complete(tenant, ref.dataset(), made.toString());
        } catch (RuntimeException e) {
            versions.delete(tenant, ref.dataset(), made.toString());
            throw e;
        }
    }

    private static ProblemException tooManyParts() {
        return new ProblemException(ProblemType.CONFLICT, "A version has up to %d parts.".formatted(PARTS_A_VERSION));
    }

    private DatasetVersions.Open open(UUID tenant, UUID dataset, String version, String name) {
        if (name.isBlank() || name.length() > NAME_CHARACTERS || name.chars().anyMatch(Character::isISOControl)) {
            throw ProblemException.invalidField(
                    "name", "must be 1 to %d characters, none of them a control character".formatted(NAME_CHARACTERS));
        }
        var open = versions.open(tenant, dataset, version);
        boolean another = open.parts().stream().noneMatch(part -> part.name().equals(name));
        if (another && open.parts().size() >= PARTS_A_VERSION) {
            throw tooManyParts();
        }
        return open;
    }

    private static @Nullable Split split(@Nullable String word) {
        if (word == null || word.isBlank()) {
            return null;
        }
        return Split.parse(word)
                .orElseThrow(() -> ProblemException.invalidField("split", "must be train, validation or test"));
    }

    /** The gateway gives {@code /objects/…} to the store with the store's own host, which the signature was made for. */
    static URI throughGateway(URI presigned, URI publicOrigin) {
        String origin = publicOrigin.toString().replaceAll("/+$", "");
        return URI.create(origin + "/objects" + presigned.getRawPath() + "?" + presigned.getRawQuery());
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}
