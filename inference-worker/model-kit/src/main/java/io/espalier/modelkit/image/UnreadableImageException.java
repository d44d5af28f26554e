package io.espalier.modelkit.image;

/** A file that is no image that can be used. A retry does not help. */
public final class UnreadableImageException extends RuntimeException {
    /** What is wrong. */
    public enum Reason {
        /** Not a format that is read. */
        NOT_AN_IMAGE,
        /** Cut off, or broken inside. */
        DAMAGED_IMAGE,
        IMAGE_TOO_LARGE,
        IMAGE_TOO_SMALL
    }

    private final Reason reason;

    /** @param message what the image is or has, to follow its name: "is cut off" */
    UnreadableImageException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What the image is or has, to follow its name: "is cut off". */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
