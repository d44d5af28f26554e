package io.espalier.controlplane.dataset;

/** Where a dataset version is on its way from upload to use. */
public enum DatasetVersionState {
    /** Parts may be added and replaced. */
    UPLOADING,
    /** The upload is complete and will not change any more; a worker reads it. */
    INSPECTING,
    /** Training jobs may use it. */
    READY,
    /** The report names errors that the data or the mapping has to be mended for. */
    INVALID,
    /** It could not be inspected at all. */
    FAILED;

    /** Whether an inspection has ended here, so that another mapping may be tried. */
    public boolean isInspected() {
        return this == READY || this == INVALID || this == FAILED;
    }
}
