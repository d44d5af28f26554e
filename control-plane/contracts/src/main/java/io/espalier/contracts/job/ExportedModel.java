package io.espalier.contracts.job;

import java.util.List;

/** The bundles made from one trained model, one a precision, the fp32 reference first. */
public record ExportedModel(List<Bundle> bundles) {
    /**
     * @param precision {@code fp32} or {@code int8}
     * @param sha256 lower-case hex, over the bundle object; the name under which workers cache it
     */
    public record Bundle(String precision, String objectKey, String sha256, long bytes) {}
}
