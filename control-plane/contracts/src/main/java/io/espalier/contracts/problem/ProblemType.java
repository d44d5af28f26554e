package io.espalier.contracts.problem;

/**
 * Every problem that a native route can answer with, as RFC 9457 knows it. The {@code type} member of the response is
 * {@link #uri()}; it never changes once published, the title may.
 */
public enum ProblemType {
    MALFORMED_REQUEST(400, "The request cannot be read"),
    INVALID_REQUEST(422, "The request has invalid fields"),
    UNAUTHENTICATED(401, "Credentials are missing or not valid"),
    FORBIDDEN(403, "These credentials may not do this"),
    NOT_FOUND(404, "There is no such resource"),
    METHOD_NOT_ALLOWED(405, "The resource does not know this method"),
    NOT_ACCEPTABLE(406, "The answer cannot be given in this form"),
    CONFLICT(409, "The resource's state does not allow this"),
    IDEMPOTENCY_MISMATCH(409, "This idempotency key was used for another request"),
    PAYLOAD_TOO_LARGE(413, "The request body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The request body has an unknown form"),
    INVALID_INPUT(422, "An input cannot be predicted"),
    INPUT_TOO_LONG(422, "An input is too long"),
    TOO_MANY_INPUTS(422, "The request has too many inputs"),
    INVALID_DATASET(422, "The dataset cannot be trained on"),
    UNSUPPORTED_FORMAT(422, "The file has an unknown format"),
    RATE_LIMITED(429, "Too many requests"),
    NO_DEPLOYMENT(409, "The product has no deployed model"),
    MODEL_NOT_READY(503, "The model is being loaded"),
    OVERLOADED(503, "All workers are busy"),
    UNAVAILABLE(503, "A part of the system cannot be reached"),
    TIMEOUT(504, "The answer took too long"),
    INTERNAL(500, "Something went wrong on our side");

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The HTTP status that the problem is answered with. */
    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** The stable identifier, for example {@code urn:espalier:problem:not-found}. */
    public String uri() {
        return "urn:espalier:problem:"
                + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
