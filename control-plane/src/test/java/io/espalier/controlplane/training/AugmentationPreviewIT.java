package io.espalier.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

@ControlPlaneTest
@Timeout(90)
class AugmentationPreviewIT {
    private static FakeWorker worker;

    @LocalServerPort
    private int port;

    private Caller caller;
    private Story story;
    private String version;

    @BeforeAll
    static void startWorker() {
        worker = new FakeWorker();
    }

    @AfterAll
    static void stopWorker() {
        worker.close();
    }

    @BeforeEach
    void prepareData() {
        worker.findsData(true).holdPreviews(false);
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
        version = story.readyVersion(story.dataset("image-classification"));
    }

    private static String preview(String version) {
        return version + "/augmentation-preview";
    }

    private List<AugmentationPreviewSpec> drawn() {
        UUID tenant = caller.tenant();
        return worker.previews().stream()
                .filter(spec -> spec.version().tenant().equals(tenant))
                .toList();
    }

    @Test
    void drawsTheSameSheetOnce() {
        Map<String, Object> wish = Map.of("hyperparameters", Map.of("rotation", 15, "flip", "both"), "seed", 7);

        var first = caller.post(preview(version), wish).expect(200);
        var second = caller.post(preview(version), wish).expect(200);

        assertThat(first.headers()).containsEntry("content-type", "image/png");
        assertThat(first.text()).isEqualTo("a sheet, seed 7").isEqualTo(second.text());
        assertThat(drawn()).hasSize(1);
        AugmentationPreviewSpec spec = drawn().getFirst();
        assertThat(spec.hyperparameters()).isEqualTo(Map.of("rotation", 15, "flip", "both"));
        assertThat(List.of(spec.images(), spec.variants(), spec.seed())).containsExactly(4, 6, 7);
    }

    @Test
    void drawsAnotherSheetForWhateverDiffers() {
        caller.post(preview(version)).expect(200);
        caller.post(preview(version), Map.of()).expect(200);
        caller.post(preview(version), Map.of("seed", 2)).expect(200);
        caller.post(preview(version), Map.of("images", 8)).expect(200);
        caller.post(preview(version), Map.of("variants", 8)).expect(200);
        caller.post(preview(version), Map.of("hyperparameters", Map.of("mixup", 0.4)))
                .expect(200);

        assertThat(drawn())
                .hasSize(5)
                .extracting(AugmentationPreviewSpec::objectKey)
                .doesNotHaveDuplicates();
    }

    @Test
    void namesEverythingThatIsWrongWithAWish() {
        var hyperparameters = caller.post(
                        preview(version),
                        Map.of("hyperparameters", Map.of("rotation", 400, "flip", "sideways", "spin", true)))
                .expect(422);
        assertThat(hyperparameters.body().path("errors").findValuesAsString("field"))
                .containsExactlyInAnyOrder("hyperparameters.rotation", "hyperparameters.flip", "hyperparameters.spin");

        var limits = caller.post(preview(version), Map.of("images", 9, "variants", 0, "seed", -1))
                .expect(422);
        assertThat(limits.body().path("errors").findValuesAsString("field"))
                .containsExactly("images", "seed", "variants");
        assertThat(drawn()).isEmpty();
    }

    @Test
    void refusesWhatCannotBePreviewed() {
        var text = caller.post(preview(story.readyVersion(story.dataset())), Map.of())
                .expect(409);
        assertThat(text.string("detail")).isEqualTo("text-classification has no augmentation to preview.");

        var open = caller.post(preview(story.uploadedVersion(story.dataset("image-classification"))), Map.of())
                .expect(409);
        assertThat(open.string("detail")).isEqualTo("The version is UPLOADING; only a READY one can be trained on.");
    }

    @Test
    void saysWhatToDoWithAVersionOfAnOlderRelease() {
        try (ObjectStore store = Servers.running().objectStore()) {
            store.list(ObjectKeys.tenant(caller.tenant())).stream()
                    .filter(key -> key.endsWith(".sample.jsonl"))
                    .forEach(store::delete);
        }

        var answer = caller.post(preview(version), Map.of()).expect(409);

        assertThat(answer.string("detail")).contains("make another version");
    }

    @Test
    void hidesVersionsOfOtherTenants() {
        Caller stranger = Caller.ofNewTenant(port);
        String nowhere = "/api/datasets/" + UUID.randomUUID() + "/versions/1";

        var foreign = stranger.post(preview(version), Map.of()).expect(404);
        var unknown = stranger.post(preview(nowhere), Map.of()).expect(404);

        assertThat(foreign.string("detail")).isEqualTo(unknown.string("detail"));
    }

    @Test
    void asksToComeAgainWhileWorkersAreBusyAndHasTheSheetThen() {
        worker.holdPreviews(true);

        var busy = caller.post(preview(version), Map.of()).expect(503);

        assertThat(busy.string("type")).isEqualTo("urn:espalier:problem:overloaded");
        assertThat(busy.headers()).containsEntry("retry-after", "10");
        worker.holdPreviews(false);
        caller.post(preview(version), Map.of()).expect(200);
        assertThat(drawn()).hasSize(1);
    }

    @Test
    void deletesSheetsWithTheirVersion() {
        caller.post(preview(version), Map.of()).expect(200);
        String key = drawn().getFirst().objectKey();

        caller.delete(version).expect(204);

        caller.post(preview(version), Map.of()).expect(404);
        try (ObjectStore store = Servers.running().objectStore()) {
            caller.await("/api/session", _ -> !store.exists(key));
        }
    }
}
