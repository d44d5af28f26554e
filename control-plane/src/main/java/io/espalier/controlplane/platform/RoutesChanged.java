package io.espalier.controlplane.platform;

/** Something that the route table shows has changed; published in the transaction that changes it. */
public record RoutesChanged() {}
