package io.espalier.training.data;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.dataset.DatasetPart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * Brings the parts of a dataset version to this machine, counting and hashing their bytes on the way.
 *
 * @param parts uploaded ones before those that products were told, training data first, then by name
 * @param contentHash SHA-256 over the bytes of all parts in the order of their names
 */
public record PartDownloads(List<LocalPart> parts, String contentHash) {
    private static final int BUFFER_BYTES = 1 << 17;
    /** Training data names the columns and gives the preview. */
    private static final Comparator<LocalPart> READING_ORDER = Comparator.comparing(
                    (LocalPart part) -> part.part().lastEventSequence() != null)
            .thenComparingInt(part ->
                    part.part().split() == null ? -1 : part.part().split().ordinal())
            .thenComparing(LocalPart::name);

    /** Where the bytes of a part come from: the object store, or a test's files. */
    interface Source {
        boolean exists(DatasetPart part);

        InputStream open(DatasetPart part) throws IOException;
    }

    static Source from(ObjectStore store) {
        return new Source() {
            @Override
            public boolean exists(DatasetPart part) {
                return store.exists(part.objectKey());
            }

            @Override
            public InputStream open(DatasetPart part) {
                return store.stream(part.objectKey());
            }
        };
    }

    static PartDownloads fetch(List<DatasetPart> parts, Source source, Path directory, ScanWatch watch)
            throws IOException {
        List<DatasetPart> byName =
                parts.stream().sorted(Comparator.comparing(DatasetPart::name)).toList();
        MessageDigest digest = Sha256.digest();
        List<LocalPart> local = new ArrayList<>();
        for (DatasetPart part : byName) {
            ByteCensus census = new ByteCensus();
            if (!source.exists(part)) {
                local.add(new LocalPart(part, null, census));
                continue;
            }
            Path path = directory.resolve("part-" + local.size());
            try (InputStream in = source.open(part);
                    var out = Files.newOutputStream(path)) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    digest.update(buffer, 0, length);
                    census.add(buffer, length);
                    out.write(buffer, 0, length);
                    watch.beat();
                }
            }
            census.end();
            local.add(new LocalPart(part, path, census));
        }
        local.sort(READING_ORDER);
        return new PartDownloads(List.copyOf(local), HexFormat.of().formatHex(digest.digest()));
    }
}
