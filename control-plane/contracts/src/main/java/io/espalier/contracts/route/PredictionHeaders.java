package io.espalier.contracts.route;

/** HTTP headers of the prediction path. */
public final class PredictionHeaders {
    /** On every answer, errors included. */
    public static final String REQUEST_ID = "x-request-id";
    /** The version number of the model that answered. */
    public static final String MODEL_VERSION = "x-model-version";
    /** The id of the model version that answered. */
    public static final String MODEL_ID = "x-model-id";

    private PredictionHeaders() {}

    /**
     * Where a worker predicts: {@code POST}, with the caller's body, its type and query unchanged and the service credential as bearer
     * token. 503 with Retry-After where the queue is full; 409 where the worker has not loaded the bundle.
     */
    public static String workerPath(String bundleSha256) {
        return "/internal/bundles/" + bundleSha256 + "/predict";
    }
}
