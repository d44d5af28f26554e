package io.espalier.controlplane.catalog;

/**
 * A pretrained model that the platform brings.
 *
 * @param language ISO 639-1
 * @param licence SPDX identifier
 */
public record BaseModel(
        String name,
        String description,
        String task,
        String language,
        String licence,
        String source,
        long parameters) {}
