package io.espalier.modelkit.bundle;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes and reads bundles: zips of stored entries, {@code manifest.json} first and the others by name, all with the same
 * time, so that equal contents have equal hashes on every machine.
 */
public final class Bundles {
    /** What one entry may hold; a model larger than this is not one that this platform serves. */
    public static final long MAX_ENTRY_BYTES = 2L << 30;

    private static final int MAX_MANIFEST_BYTES = 4 << 20;
    private static final int MAX_ENTRIES = 64;
    /** The first moment that a zip can name. */
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Bundles() {}

    /** @param sha256 lower-case hex, over the whole zip; the bundle's name everywhere */
    public record Written(String sha256, long bytes) {}

    /**
     * Packs every regular file below the folder.
     *
     * @param manifest its {@code files} are replaced by the hashes found; a {@code manifest.json} in the folder is ignored
     * @param zip replaced if it exists
     */
    public static Written write(Path folder, ModelManifest manifest, Path zip) {
        try {
            TreeMap<String, Path> files = filesOf(folder);
            TreeMap<String, String> hashes = new TreeMap<>();
            for (var file : files.entrySet()) {
                hashes.put(file.getKey(), Sha256.of(file.getValue()));
            }
            byte[] json = JSON.writeValueAsBytes(manifest.withFiles(hashes));
            try (OutputStream out = Files.newOutputStream(zip)) {
                return zip(json, files, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Unpacks into the folder, which is made if need be, and verifies every file against the manifest. What it had written
     * when it refuses stays behind: unpack into a folder that is thrown away then.
     *
     * @throws InvalidBundleException naming what is wrong
     */
    public static ModelManifest unpack(Path zip, Path folder) {
        return unpack(zip, folder, MAX_ENTRY_BYTES);
    }

    static ModelManifest unpack(Path zip, Path folder, long maxEntryBytes) {
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            Files.createDirectories(folder);
            ZipEntry first = in.getNextEntry();
            if (first == null || !first.getName().equals(ModelManifest.ENTRY)) {
                throw new InvalidBundleException("The bundle does not begin with " + ModelManifest.ENTRY + ".");
            }
            requireStored(first);
            byte[] json = in.readNBytes(MAX_MANIFEST_BYTES + 1);
            ModelManifest manifest = parse(json);
            Files.write(folder.resolve(ModelManifest.ENTRY), json);
            var missing = new TreeSet<>(manifest.files().keySet());
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                requireStored(entry);
                if (!missing.remove(entry.getName())) {
                    throw new InvalidBundleException(
                            "The entry " + entry.getName() + " is not in the manifest, or is there twice.");
                }
                extract(in, entry.getName(), manifest.files().get(entry.getName()), folder, maxEntryBytes);
            }
            if (!missing.isEmpty()) {
                throw new InvalidBundleException("The manifest names what the bundle does not hold: " + missing + ".");
            }
            return manifest;
        } catch (ZipException e) {
            throw new InvalidBundleException("The bundle is not a readable zip: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads the manifest of a folder that {@link #unpack} wrote, after checking that the folder still is, to the byte, what
     * the bundle of this hash unpacks to.
     *
     * @throws InvalidBundleException if anything in the folder was changed, added or removed
     */
    public static ModelManifest verify(Path folder, String sha256) {
        try {
            byte[] json = Files.readAllBytes(folder.resolve(ModelManifest.ENTRY));
            // Writing is deterministic, so writing it again, to nowhere, gives the hash that the folder came from.
            Written again = zip(json, filesOf(folder), OutputStream.nullOutputStream());
            if (!again.sha256().equals(sha256)) {
                throw new InvalidBundleException("The unpacked bundle is not what " + sha256 + " names.");
            }
            return parse(json);
        } catch (IOException e) {
            throw new InvalidBundleException("The unpacked bundle cannot be read: " + e.getMessage(), e);
        }
    }

    private static Written zip(byte[] manifest, Map<String, Path> files, OutputStream sink) throws IOException {
        CountingOutputStream counted = new CountingOutputStream(sink);
        DigestOutputStream digested = new DigestOutputStream(counted, Sha256.digest());
        ZipOutputStream zip = new ZipOutputStream(digested);
        CRC32 crc = new CRC32();
        crc.update(manifest);
        zip.putNextEntry(stored(ModelManifest.ENTRY, manifest.length, crc.getValue()));
        zip.write(manifest);
        zip.closeEntry();
        for (var file : files.entrySet()) {
            zip.putNextEntry(stored(file.getKey(), Files.size(file.getValue()), crc32(file.getValue())));
            Files.copy(file.getValue(), zip);
            zip.closeEntry();
        }
        zip.finish();
        return new Written(HexFormat.of().formatHex(digested.getMessageDigest().digest()), counted.bytes);
    }

    private static ZipEntry stored(String name, long bytes, long crc) {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes);
        entry.setCompressedSize(bytes);
        entry.setCrc(crc);
        entry.setTimeLocal(EPOCH);
        return entry;
    }

    private static TreeMap<String, Path> filesOf(Path folder) throws IOException {
        TreeMap<String, Path> files = new TreeMap<>();
        try (var walk = Files.walk(folder)) {
            walk.filter(Files::isRegularFile).forEach(file -> {
                String name = folder.relativize(file).toString().replace('\\', '/');
                if (!name.equals(ModelManifest.ENTRY)) {
                    requireName(name);
                    files.put(name, file);
                }
            });
        }
        return files;
    }

    private static void extract(InputStream in, String name, @Nullable String expected, Path folder, long maxBytes)
            throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.toAbsolutePath().getParent());
        MessageDigest digest = Sha256.digest();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
                if (bytes > maxBytes) {
                    throw new InvalidBundleException("The entry " + name + " is larger than " + maxBytes + " bytes.");
                }
                out.write(buffer, 0, read);
            }
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(expected)) {
            throw new InvalidBundleException("The entry " + name + " does not have the hash that the manifest gives.");
        }
    }

    private static ModelManifest parse(byte[] json) {
        if (json.length > MAX_MANIFEST_BYTES) {
            throw new InvalidBundleException("The manifest is larger than " + MAX_MANIFEST_BYTES + " bytes.");
        }
        try {
            JsonNode tree = JSON.readTree(json);
            JsonNode version = tree.path("formatVersion");
            if (!version.isInt() || version.intValue() != ModelManifest.FORMAT_VERSION) {
                throw new InvalidBundleException("The bundle has format version %s; this version reads %d."
                        .formatted(version, ModelManifest.FORMAT_VERSION));
            }
            ModelManifest manifest = JSON.treeToValue(tree, ModelManifest.class);
            for (String member : new String[] {"task", "labels", "files", "transform"}) {
                if (!tree.hasNonNull(member)) {
                    throw new InvalidBundleException("The manifest has no " + member + ".");
                }
            }
            if (manifest.files().size() > MAX_ENTRIES) {
                throw new InvalidBundleException("The manifest names more than " + MAX_ENTRIES + " files.");
            }
            manifest.files().keySet().forEach(Bundles::requireName);
            return manifest;
        } catch (JacksonException e) {
            throw new InvalidBundleException("The manifest cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /** Every name that could leave the folder, or mean different files on different systems, is refused. */
    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidBundleException("A bundle cannot hold an entry of the name " + name + ".");
        }
    }

    private static void requireStored(ZipEntry entry) {
        if (entry.getMethod() != ZipEntry.STORED) {
            throw new InvalidBundleException("The entry " + entry.getName() + " is compressed; a bundle stores.");
        }
    }

    private static long crc32(Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
            }
        }
        return crc.getValue();
    }

    private static final class CountingOutputStream extends OutputStream {
        private final OutputStream sink;
        private long bytes;

        CountingOutputStream(OutputStream sink) {
            this.sink = sink;
        }

        @Override
        public void write(int b) throws IOException {
            sink.write(b);
            bytes++;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            sink.write(buffer, offset, length);
            bytes += length;
        }
    }
}
