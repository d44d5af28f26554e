package io.espalier.contracts.problem;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ends the current request or activity with a problem that the user should read; the message is the detail shown. */
public final class ProblemException extends RuntimeException {
    private final ProblemType type;
    private final List<FieldError> errors;
    private final @Nullable Duration retryAfter;

    public ProblemException(ProblemType type, String detail) {
        this(type, detail, List.of());
    }

    public ProblemException(ProblemType type, String detail, List<FieldError> errors) {
        this(type, detail, errors, null);
    }

    private ProblemException(ProblemType type, String detail, List<FieldError> errors, @Nullable Duration retryAfter) {
        super(detail);
        this.type = type;
        this.errors = List.copyOf(errors);
        this.retryAfter = retryAfter;
    }

    /** A problem that passes by itself: the same request may succeed after the wait. */
    public static ProblemException passing(ProblemType type, String detail, Duration retryAfter) {
        return new ProblemException(type, detail, List.of(), retryAfter);
    }

    /** A request with exactly one bad field. */
    public static ProblemException invalidField(String field, String message) {
        return ofField(ProblemType.INVALID_REQUEST, field, message);
    }

    /**
     * A problem with exactly one field.
     *
     * @param message goes on from the field's name: {@code is missing}
     */
    public static ProblemException ofField(ProblemType type, String field, String message) {
        return new ProblemException(type, field + ": " + message, List.of(new FieldError(field, message)));
    }

    public ProblemType type() {
        return type;
    }

    public List<FieldError> errors() {
        return errors;
    }

    /** What the answer's {@code Retry-After} says, where this is known. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
