package io.espalier.contracts.dataset;

import org.jspecify.annotations.Nullable;

/**
 * One file of a dataset version.
 *
 * @param name unique in the version; what reports call the file
 * @param split what all its rows are for; null where a split column says so, or nobody does
 * @param lastEventSequence up to which event of its product it goes, where it was made of them; null where it was uploaded
 */
public record DatasetPart(
        String name,
        @Nullable Split split,
        String objectKey,
        long bytes,
        @Nullable Long lastEventSequence) {
    /** One that was uploaded. */
    public DatasetPart(String name, @Nullable Split split, String objectKey, long bytes) {
        this(name, split, objectKey, bytes, null);
    }
}
