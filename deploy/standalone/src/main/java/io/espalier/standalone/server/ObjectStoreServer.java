package io.espalier.standalone.server;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.ObjectStoreSettings;
import io.espalier.contracts.process.ParentWatch;
import io.espalier.contracts.process.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** Serves a folder over S3 on the loopback address, to those who sign with the generated keys. Makes the bucket. */
public final class ObjectStoreServer {
    private ObjectStoreServer() {}

    public static void main(String[] arguments) throws Exception {
        ParentWatch.start();
        Settings settings = Settings.ofProcess();
        Path objects = Files.createDirectories(
                Path.of(settings.required(Settings.DATA_DIRECTORY)).resolve("objects"));
        ObjectStoreSettings store = settings.objectStore();
        S3Proxy server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(objects.toString()))
                .endpoint(store.endpoint())
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, store.accessKey(), store.secretKey())
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        try (ObjectStore client = new ObjectStore(store)) {
            client.makeBucket();
        }
        HealthEndpoints.serve(
                settings.getInt(Settings.PORT, 0), "s3", () -> server.getState().equals("STARTED"));
    }
}
