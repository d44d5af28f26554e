package io.espalier.training.data;

/** Whoever waits for a scan. */
public interface ScanWatch {
    /** Called every few seconds, now and then from another thread; ends the scan by throwing. */
    void beat();

    /** What goes on, in words for the user; only where it takes a while. */
    default void says(String message) {}
}
