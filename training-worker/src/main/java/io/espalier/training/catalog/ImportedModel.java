package io.espalier.training.catalog;

/**
 * What weights turned out to be.
 *
 * @param architecture in words, for lists
 * @param parameters how many numbers the base model has
 */
public record ImportedModel(String architecture, long parameters) {}
