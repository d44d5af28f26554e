package io.espalier.controlplane.training.web;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.training.AugmentationPreviews;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class AugmentationPreviewController {
    private final AugmentationPreviews previews;
    private final ObjectStore store;

    AugmentationPreviewController(AugmentationPreviews previews, ObjectStore store) {
        this.previews = previews;
        this.store = store;
    }

    /**
     * @param hyperparameters as for a training job
     * @param images rows of the sheet; 4 where absent
     * @param variants of each image, beside the image itself; 6 where absent
     * @param seed of what is random; 1 where absent
     */
    record AugmentationPreviewRequest(
            @Nullable Map<String, Object> hyperparameters,
            @Nullable @Min(1) @Max(8) Integer images,
            @Nullable @Min(1) @Max(8) Integer variants,
            @Nullable @Min(0) Integer seed) {
        static final AugmentationPreviewRequest EMPTY = new AugmentationPreviewRequest(null, null, null, null);

        AugmentationPreviews.Wish toWish() {
            return new AugmentationPreviews.Wish(
                    Objects.requireNonNullElse(hyperparameters, Map.of()),
                    Objects.requireNonNullElse(images, 4),
                    Objects.requireNonNullElse(variants, 6),
                    Objects.requireNonNullElse(seed, 1));
        }
    }

    /** A row for each of a few images: as the model reads it without augmentation, and as a training would change it at random. */
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.IMAGE_PNG_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @PostMapping(
            path = "/api/datasets/{dataset}/versions/{version}/augmentation-preview",
            produces = MediaType.IMAGE_PNG_VALUE)
    ResponseEntity<Resource> previewAugmentation(
            @PathVariable UUID dataset,
            @PathVariable String version,
            @Valid @RequestBody(required = false) @Nullable AugmentationPreviewRequest request) {
        String key = previews.draw(
                TenantContext.required(),
                dataset,
                version,
                Objects.requireNonNullElse(request, AugmentationPreviewRequest.EMPTY)
                        .toWish());
        return ResponseEntity.ok()
                .contentType(MediaType.IMAGE_PNG)
                .body(new InputStreamResource(() -> store.stream(key)));
    }
}
