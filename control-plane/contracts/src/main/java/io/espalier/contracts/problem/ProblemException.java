package io.espalier.contracts.problem;

import java.util.List;

/** Ends the current request or activity with a problem that the user should read; the message is the detail shown. */
public final class ProblemException extends RuntimeException {
    private final ProblemType type;
    private final List<FieldError> errors;

    public ProblemException(ProblemType type, String detail) {
        this(type, detail, List.of());
    }

    public ProblemException(ProblemType type, String detail, List<FieldError> errors) {
        super(detail);
        this.type = type;
        this.errors = List.copyOf(errors);
    }

    /** A request with exactly one bad field. */
    public static ProblemException invalidField(String field, String message) {
        return new ProblemException(
                ProblemType.INVALID_REQUEST, field + ": " + message, List.of(new FieldError(field, message)));
    }

    public ProblemType type() {
        return type;
    }

    public List<FieldError> errors() {
        return errors;
    }
}
