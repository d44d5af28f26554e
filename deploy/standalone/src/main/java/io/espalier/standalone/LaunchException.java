package io.espalier.standalone;

/** The installation cannot start, for a reason that the user can mend; the message is the one line shown. */
public final class LaunchException extends RuntimeException {
    public LaunchException(String message) {
        super(message);
    }
}
