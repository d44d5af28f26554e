package io.espalier.contracts.dataset;

import org.jspecify.annotations.Nullable;

/**
 * One uploaded file of a dataset version.
 *
 * @param name unique in the version; what reports call the file
 * @param split what all its rows are for; null where a split column says so, or nobody does
 */
public record DatasetPart(String name, @Nullable Split split, String objectKey, long bytes) {}
