package io.espalier.contracts.process;

import io.espalier.contracts.artifact.ObjectStoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A process's settings, from environment variables named {@code ESPALIER_…}. A secret may come from a file instead:
 * {@code ESPALIER_SERVICE_CREDENTIAL_FILE} is read where {@code ESPALIER_SERVICE_CREDENTIAL} is not set.
 */
public final class Settings {
    public static final String PORT = "ESPALIER_PORT";
    public static final String HOST = "ESPALIER_HOST";
    public static final String DATA_DIRECTORY = "ESPALIER_DATA_DIRECTORY";
    public static final String SERVICE_CREDENTIAL = "ESPALIER_SERVICE_CREDENTIAL";
    public static final String OPERATOR_CREDENTIAL = "ESPALIER_OPERATOR_CREDENTIAL";
    /** The public origin, as users reach it; presigned URLs point there. */
    public static final String PUBLIC_URL = "ESPALIER_PUBLIC_URL";

    public static final String CONTROL_PLANE_URL = "ESPALIER_CONTROL_PLANE_URL";
    public static final String TEMPORAL_ADDRESS = "ESPALIER_TEMPORAL_ADDRESS";
    public static final String TEMPORAL_NAMESPACE = "ESPALIER_TEMPORAL_NAMESPACE";
    /** {@code true} where Temporal is the embedded server, which needs other manners of its clients. */
    public static final String TEMPORAL_EMBEDDED = "ESPALIER_TEMPORAL_EMBEDDED";

    public static final String S3_ENDPOINT = "ESPALIER_S3_ENDPOINT";
    public static final String S3_ACCESS_KEY = "ESPALIER_S3_ACCESS_KEY";
    public static final String S3_SECRET_KEY = "ESPALIER_S3_SECRET_KEY";
    public static final String S3_BUCKET = "ESPALIER_S3_BUCKET";
    public static final String S3_REGION = "ESPALIER_S3_REGION";
    public static final String DATABASE_URL = "ESPALIER_DATABASE_URL";
    public static final String DATABASE_OWNER = "ESPALIER_DATABASE_OWNER";
    public static final String DATABASE_OWNER_PASSWORD = "ESPALIER_DATABASE_OWNER_PASSWORD";
    public static final String DATABASE_APP_PASSWORD = "ESPALIER_DATABASE_APP_PASSWORD";
    public static final String DATABASE_DIRECTORY_PASSWORD = "ESPALIER_DATABASE_DIRECTORY_PASSWORD";
    /** Where base models may be imported from, a server of Hugging Face's protocol; nowhere where it is not set. */
    public static final String HUB_URL = "ESPALIER_HUB_URL";
    /** Sent to the hub, where it is set. */
    public static final String HUB_TOKEN = "ESPALIER_HUB_TOKEN";

    private final Map<String, String> environment;

    public Settings(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    public static Settings ofProcess() {
        return new Settings(System.getenv());
    }

    /** @throws IllegalStateException naming the variable, if neither it nor its file variant is set */
    public String required(String name) {
        String value = optional(name);
        if (value == null) {
            throw new IllegalStateException("The environment variable " + name + " is not set.");
        }
        return value;
    }

    public String get(String name, String otherwise) {
        String value = optional(name);
        return value == null ? otherwise : value;
    }

    public int getInt(String name, int otherwise) {
        String value = optional(name);
        try {
            return value == null ? otherwise : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalStateException("The environment variable " + name + " is not a whole number: " + value, e);
        }
    }

    public @Nullable String optional(String name) {
        String value = environment.get(name);
        if (value != null && !value.isBlank()) {
            return value;
        }
        String file = environment.get(name + "_FILE");
        if (file == null || file.isBlank()) {
            return null;
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("The file named by " + name + "_FILE cannot be read: " + file, e);
        }
    }

    public ObjectStoreSettings objectStore() {
        return new ObjectStoreSettings(
                URI.create(required(S3_ENDPOINT)),
                required(S3_ACCESS_KEY),
                required(S3_SECRET_KEY),
                get(S3_BUCKET, "espalier"),
                get(S3_REGION, "us-east-1"));
    }
}
