package io.espalier.contracts.artifact;

import java.net.URI;

/** How to reach the object store: any that speaks S3. */
public record ObjectStoreSettings(URI endpoint, String accessKey, String secretKey, String bucket, String region) {
    @Override
    public String toString() {
        return "ObjectStoreSettings[" + endpoint + ", " + bucket + "]";
    }
}
