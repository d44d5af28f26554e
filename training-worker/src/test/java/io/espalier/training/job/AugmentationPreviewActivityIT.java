package io.espalier.training.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.training.fixture.ImageArchive;
import io.espalier.training.fixture.ObjectStoreFixture;
import io.temporal.testing.TestActivityEnvironment;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an uploaded archive to a sheet, by the activities that a worker has. */
class AugmentationPreviewActivityIT {
    private final DatasetVersionRef version =
            new DatasetVersionRef(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    private final String reportKey = ObjectKeys.datasetReport(version, 1);

    /** To a control plane that is away. */
    @AutoClose
    private final ProgressReports reports = new ProgressReports(URI.create("http://127.0.0.1:1"), "credential");

    private ObjectStoreFixture server;
    private ObjectStore store;
    private TestActivityEnvironment temporal;
    private DataActivities activities;
    private Path work;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        work = folder.resolve("work");
        server = new ObjectStoreFixture(Files.createDirectory(folder.resolve("store")));
        store = server.store();
        temporal = TestActivityEnvironment.newInstance();
        temporal.registerActivitiesImplementations(new DataActivitiesImpl(store, work, reports, 2, null));
        activities = temporal.newActivityStub(DataActivities.class);
    }

    @AfterEach
    void stop() throws Exception {
        temporal.close();
        server.close();
    }

    private void inspect(String task, String name, byte[] content) {
        String key = ObjectKeys.datasetPart(version, UUID.randomUUID());
        store.put(key, content);
        activities.inspect(new InspectionSpec(
                version,
                task,
                List.of(new DatasetPart(name, null, key, content.length)),
                ColumnMapping.GUESS,
                reportKey));
    }

    private AugmentationPreviewSpec spec(int seed) {
        return new AugmentationPreviewSpec(
                version,
                "image-classification",
                reportKey,
                Map.of("imageSize", 16, "rotation", 30.0),
                3,
                2,
                seed,
                "seed-" + seed);
    }

    @Test
    void drawsASheetOfTheSampleAlone() throws Exception {
        byte[] archive =
                ImageArchive.good().file("lying/broken.png", "no picture").zip();
        inspect("image-classification", "photos.zip", archive);
        store.deletePrefix(ObjectKeys.datasetVersion(version) + "parts/");

        activities.previewAugmentation(spec(1));
        byte[] first = store.get(spec(1).objectKey());
        activities.previewAugmentation(spec(1));
        activities.previewAugmentation(spec(2));

        BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(first));
        assertThat(sheet.getWidth()).isEqualTo(3 * (96 + 4) + 4);
        assertThat(sheet.getHeight()).isEqualTo(3 * (96 + 4) + 4);
        assertThat(store.get(spec(1).objectKey())).isEqualTo(first);
        assertThat(store.get(spec(2).objectKey())).isNotEqualTo(first);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void samplesEveryLabelThatThereIsRoomFor() {
        ImageArchive archive = ImageArchive.empty();
        for (int label = 0; label < 6; label++) {
            for (int i = 0; i < 20; i++) {
                archive.file("label-" + label + "/" + i + ".png", ImageArchive.bar(i % 2 == 0, 100L * label + i));
            }
        }
        inspect("image-classification", "photos.zip", archive.zip());

        assertThat(new String(store.get(ObjectKeys.datasetSample(reportKey)), StandardCharsets.UTF_8).lines())
                .hasSize(8)
                .allMatch(line -> line.matches("\\{\"input\":\".+\",\"label\":\"label-\\d\",\"file\":\".+\"}"))
                .extracting(line -> line.replaceAll(".*\"label\":\"(label-\\d)\".*", "$1"))
                .contains("label-0", "label-1", "label-2", "label-3", "label-4", "label-5");
    }

    @Test
    void samplesNothingForTasksWithoutAugmentation() {
        inspect("text-classification", "a.csv", ("text,label\n" + rows()).getBytes(StandardCharsets.UTF_8));

        assertThat(store.exists(reportKey)).isTrue();
        assertThat(store.exists(ObjectKeys.datasetSample(reportKey))).isFalse();
    }

    private static String rows() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            rows.append("message number ").append(i).append(i % 2 == 0 ? ",even\n" : ",odd\n");
        }
        return rows.toString();
    }
}
