package io.espalier.controlplane.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A dataset version as its owner sees it.
 *
 * @param progress what the inspection does just now, in words; absent where it is over, or has not taken a while yet
 * @param failure why the version could not be inspected
 * @param mapping as the user gave it
 * @param effectiveMapping the mapping in force, completed by guesses; absent until inspected
 * @param revision how often the mapping was given
 * @param used whether a training job used the version, so that its mapping stays
 * @param contentHash SHA-256, lower-case hex
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatasetVersionResponse(
        UUID id,
        UUID dataset,
        int number,
        DatasetVersionState state,
        @Nullable String progress,
        @Nullable String failure,
        List<Part> parts,
        ColumnMapping mapping,
        @Nullable ColumnMapping effectiveMapping,
        int revision,
        boolean used,
        @Nullable Long rows,
        @Nullable Long rowsUsed,
        @Nullable Map<Split, Long> rowsBySplit,
        @Nullable String contentHash,
        Instant createdAt,
        @Nullable Instant completedAt,
        @Nullable Instant inspectedAt) {

    /**
     * A file.
     *
     * @param bytes absent while an upload by URL has not been seen
     * @param lastEventSequence up to which event of its product it goes, where it was made of them
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Part(
            String name,
            @Nullable Split split,
            @Nullable Long bytes,
            @Nullable Long lastEventSequence,
            Instant createdAt) {
        static Part of(UploadedPart part) {
            return new Part(part.name(), part.split(), part.bytes(), part.lastEventSequence(), part.createdAt());
        }
    }

    static DatasetVersionResponse of(DatasetVersion version, List<UploadedPart> parts) {
        return new DatasetVersionResponse(
                version.id(),
                version.datasetId(),
                version.number(),
                version.state(),
                version.progress(),
                version.failure(),
                parts.stream().map(Part::of).toList(),
                version.mapping(),
                version.effectiveMapping(),
                version.revision(),
                version.used(),
                version.rowCount(),
                version.rowsUsed(),
                version.rowsBySplit(),
                version.contentHash(),
                version.createdAt(),
                version.completedAt(),
                version.inspectedAt());
    }
}
