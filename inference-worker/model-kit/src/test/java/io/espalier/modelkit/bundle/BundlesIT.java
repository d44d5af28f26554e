package io.espalier.modelkit.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.modelkit.fixture.TinyModels;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundlesIT {
    private static final String MODEL_SHA256 = "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4";

    @TempDir
    Path folder;

    private Path contents;
    private Path zip;
    private Bundles.Written written;

    @BeforeEach
    void write() throws IOException {
        contents = Files.createDirectories(folder.resolve("contents"));
        Files.writeString(contents.resolve("model.onnx"), "model");
        Files.writeString(contents.resolve("a.json"), "{}");
        zip = folder.resolve("bundle.zip");
        written = Bundles.write(contents, manifest(), zip);
    }

    @Test
    void unpacksWhatWasPacked() throws IOException {
        ModelManifest manifest = Bundles.unpack(zip, folder.resolve("out"));

        assertThat(manifest.files()).containsOnlyKeys("a.json", "model.onnx").containsEntry("model.onnx", MODEL_SHA256);
        assertThat(manifest.labels()).containsExactly("no", "yes");
        assertThat(manifest.lineage()).isEqualTo(manifest().lineage());
        assertThat(folder.resolve("out/model.onnx")).hasContent("model");
        assertThat(written.bytes()).isEqualTo(Files.size(zip));
        assertThat(written.sha256()).isEqualTo(Sha256.of(zip));
    }

    @Test
    void storesEntriesInAFixedOrderWithTheManifestFirst() throws IOException {
        try (var file = new ZipFile(zip.toFile())) {
            assertThat(file.stream().map(ZipEntry::getName)).containsExactly("manifest.json", "a.json", "model.onnx");
            assertThat(file.stream().map(ZipEntry::getMethod)).containsOnly(ZipEntry.STORED);
        }
    }

    @Test
    void givesEqualContentsEqualHashes() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        Files.writeString(copy.resolve("a.json"), "{}");
        Files.writeString(copy.resolve("model.onnx"), "model");
        Files.setLastModifiedTime(copy.resolve("a.json"), java.nio.file.attribute.FileTime.fromMillis(0));

        assertThat(Bundles.write(copy, manifest(), folder.resolve("again.zip"))).isEqualTo(written);
    }

    @Test
    void recognizesAnUnpackedFolderAsUnchanged() {
        ModelManifest unpacked = Bundles.unpack(zip, folder.resolve("out"));

        assertThat(Bundles.verify(folder.resolve("out"), written.sha256())).isEqualTo(unpacked);
    }

    @Test
    void noticesAnUnpackedFolderThatChanged() throws IOException {
        Bundles.unpack(zip, folder.resolve("out"));
        Files.writeString(folder.resolve("out/model.onnx"), "edited");

        assertThatThrownBy(() -> Bundles.verify(folder.resolve("out"), written.sha256()))
                .isInstanceOf(InvalidBundleException.class);
    }

    @Nested
    class Refuses {
        @Test
        void aFileThatDoesNotHaveItsHash() throws IOException {
            assertRefused(entries(Map.of("model.onnx", "edited", "a.json", "{}")), "model.onnx", "hash");
        }

        @Test
        void anEntryThatTheManifestDoesNotName() throws IOException {
            assertRefused(
                    entries(Map.of("model.onnx", "model", "a.json", "{}", "run.sh", "rm")),
                    "run.sh",
                    "not in the manifest");
        }

        @Test
        void aMissingEntry() throws IOException {
            assertRefused(entries(Map.of("model.onnx", "model")), "a.json");
        }

        @Test
        void anUnknownFormatVersion() throws IOException {
            String manifest = manifestText().replace("\"formatVersion\" : 1", "\"formatVersion\" : 2");

            assertRefused(Map.of("manifest.json", manifest), "format version 2");
        }

        @Test
        void aNameThatClimbsOut() throws IOException {
            String manifest = manifestText().replace("\"a.json\"", "\"../a.json\"");

            assertRefused(Map.of("manifest.json", manifest), "../a.json");
            assertThat(folder.resolve("a.json")).doesNotExist();
        }

        @Test
        void aBundleWithoutAManifestInFront() throws IOException {
            assertRefused(Map.of("model.onnx", "model"), "manifest.json");
        }

        @Test
        void aManifestThatIsNotJson() throws IOException {
            assertRefused(Map.of("manifest.json", "{"), "manifest");
        }

        @Test
        void anOversizeEntry() {
            assertThatThrownBy(() -> Bundles.unpack(zip, folder.resolve("out"), 4))
                    .isInstanceOf(InvalidBundleException.class)
                    .hasMessageContaining("model.onnx")
                    .hasMessageContaining("4 bytes");
        }

        @Test
        void aCompressedEntry() throws IOException {
            Path compressed = folder.resolve("compressed.zip");
            try (var out = new ZipOutputStream(Files.newOutputStream(compressed))) {
                out.putNextEntry(new ZipEntry("manifest.json"));
                out.write(manifestText().getBytes(StandardCharsets.UTF_8));
            }

            assertThatThrownBy(() -> Bundles.unpack(compressed, folder.resolve("out")))
                    .isInstanceOf(InvalidBundleException.class)
                    .hasMessageContaining("compressed");
        }

        @Test
        void whatIsNoZipAtAll() throws IOException {
            Path garbage = Files.writeString(folder.resolve("garbage.zip"), "not a zip");

            assertThatThrownBy(() -> Bundles.unpack(garbage, folder.resolve("out")))
                    .isInstanceOf(InvalidBundleException.class);
        }

        private Map<String, String> entries(Map<String, String> files) throws IOException {
            Map<String, String> entries = new LinkedHashMap<>();
            entries.put("manifest.json", manifestText());
            files.forEach(entries::put);
            return entries;
        }

        private void assertRefused(Map<String, String> entries, String... reasons) throws IOException {
            Path tampered = folder.resolve("tampered.zip");
            try (OutputStream out = Files.newOutputStream(tampered);
                    var zip = new ZipOutputStream(out)) {
                for (var entry : entries.entrySet()) {
                    byte[] bytes = entry.getValue().getBytes(StandardCharsets.UTF_8);
                    var crc = new CRC32();
                    crc.update(bytes);
                    var stored = new ZipEntry(entry.getKey());
                    stored.setMethod(ZipEntry.STORED);
                    stored.setSize(bytes.length);
                    stored.setCrc(crc.getValue());
                    zip.putNextEntry(stored);
                    zip.write(bytes);
                }
            }

            assertThatThrownBy(() -> Bundles.unpack(tampered, folder.resolve("out")))
                    .isInstanceOf(InvalidBundleException.class)
                    .hasMessageContainingAll(reasons);
        }

        private String manifestText() throws IOException {
            try (var file = new ZipFile(zip.toFile())) {
                return new String(
                        file.getInputStream(file.getEntry("manifest.json")).readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    private static ModelManifest manifest() {
        return TinyModels.manifest("text-classification", List.of("no", "yes"), Map.of("maxLength", 32));
    }
}
