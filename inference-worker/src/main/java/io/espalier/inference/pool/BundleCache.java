package io.espalier.inference.pool;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.process.FileTrees;
import io.espalier.contracts.route.RouteTable;
import io.espalier.modelkit.bundle.Bundles;
import io.espalier.modelkit.bundle.InvalidBundleException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacked bundles on disk, each in a folder named by its hash. A folder appears only when it is whole and verified; one that
 * was damaged since is thrown away and fetched again. For one thread, and one process a directory.
 */
public final class BundleCache {
    private static final Logger LOG = LoggerFactory.getLogger(BundleCache.class);
    private static final String UNFINISHED = "unfinished-";

    private final Path directory;
    private final ObjectStore store;

    public BundleCache(Path directory, ObjectStore store) {
        this.directory = directory;
        this.store = store;
        try {
            Files.createDirectories(directory);
            for (Path entry : entries()) {
                if (entry.getFileName().toString().startsWith(UNFINISHED)) {
                    FileTrees.discard(entry);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A bundle on disk. */
    public record Cached(Path folder, ModelManifest manifest) {}

    /**
     * Gives the bundle from disk if it is there and intact, else fetches it.
     *
     * @throws InvalidBundleException if what the object store holds is not what the hash names; the message is shown to the
     *     tenant
     * @throws UncheckedIOException if the object store or the disk failed; a retry may help
     */
    public Cached get(RouteTable.Bundle bundle) {
        Path folder = directory.resolve(bundle.sha256());
        if (Files.exists(folder)) {
            try {
                return new Cached(folder, Bundles.verify(folder, bundle.sha256()));
            } catch (InvalidBundleException e) {
                LOG.warn("The cached bundle {} is damaged and fetched again: {}", bundle.sha256(), e.getMessage());
                FileTrees.discard(folder);
            }
        }
        return fetch(bundle, folder);
    }

    private Cached fetch(RouteTable.Bundle bundle, Path folder) {
        Path unfinished = directory.resolve(UNFINISHED + UUID.randomUUID());
        try {
            Files.createDirectory(unfinished);
            Path zip = unfinished.resolve("bundle.zip");
            store.download(bundle.objectKey(), zip);
            String found = Sha256.of(zip);
            if (!found.equals(bundle.sha256())) {
                LOG.warn("The object {} is not the bundle {}", bundle.objectKey(), bundle.sha256());
                throw new InvalidBundleException(
                        "The stored bundle has the hash %s and not %s.".formatted(found, bundle.sha256()));
            }
            Path unpacked = unfinished.resolve("bundle");
            ModelManifest manifest = Bundles.unpack(zip, unpacked);
            Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
            return new Cached(folder, manifest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            FileTrees.discard(unfinished);
        }
    }

    /** Deletes every bundle that is not among these. */
    public void retain(Set<String> hashes) {
        for (Path entry : entries()) {
            String name = entry.getFileName().toString();
            if (!hashes.contains(name) && !name.startsWith(UNFINISHED)) {
                LOG.info("The bundle {} is not deployed any more and leaves the disk", name);
                FileTrees.discard(entry);
            }
        }
    }

    private List<Path> entries() {
        try (var entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
