package io.espalier.modelkit.bundle;

/** A bundle is damaged, was tampered with, or has a format that this version does not read. A retry does not help. */
public final class InvalidBundleException extends RuntimeException {
    public InvalidBundleException(String message) {
        super(message);
    }

    public InvalidBundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
