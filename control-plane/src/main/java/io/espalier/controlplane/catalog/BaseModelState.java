package io.espalier.controlplane.catalog;

/** Where a base model is on its way to be one. */
public enum BaseModelState {
    /** Its files are still to come. */
    UPLOADING,
    /** A worker reads its files, or waits for them from the hub. */
    IMPORTING,
    /** Products may start from it. */
    READY,
    /** Its files cannot become a base model: its problems say why. Others may be uploaded in their place. */
    REFUSED,
    /** It could not be imported, for a reason on our side or the hub's. It may be tried again. */
    FAILED
}
