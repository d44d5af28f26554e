package io.espalier.contracts.artifact;

import io.minio.BucketExistsArgs;
import io.minio.CopyObjectArgs;
import io.minio.DownloadObjectArgs;
import io.minio.GetObjectArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.Http;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.RemoveObjectsArgs;
import io.minio.Result;
import io.minio.SourceObject;
import io.minio.StatObjectArgs;
import io.minio.UploadObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.messages.DeleteRequest;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The object store, in the operations that every S3 implementation has. Thread-safe. Large objects stream; nothing here
 * buffers more than one part. A failure that a retry may mend is an {@link UncheckedIOException}.
 */
public final class ObjectStore implements AutoCloseable {
    private static final long PART_BYTES = 10L << 20;
    /** What S3 takes in one request. */
    private static final long LARGEST_PUT = 5L << 30;

    private static final Duration UPLOAD_LIMIT = Duration.ofMinutes(30);

    private final MinioClient client;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String bucket;

    public ObjectStore(ObjectStoreSettings settings) {
        this.client = MinioClient.builder()
                .endpoint(settings.endpoint().toString())
                .region(settings.region())
                .credentials(settings.accessKey(), settings.secretKey())
                .build();
        this.bucket = settings.bucket();
    }

    /** Makes the bucket if it does not exist. */
    public void makeBucket() {
        act("make bucket " + bucket, () -> {
            if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
                try {
                    client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
                } catch (ErrorResponseException e) {
                    // Another process was faster.
                    if (!e.errorResponse().code().startsWith("BucketAlready")) {
                        throw e;
                    }
                }
            }
        });
    }

    public void put(String key, byte[] content) {
        run(
                "write " + key,
                () -> client.putObject(PutObjectArgs.builder().bucket(bucket).object(key).stream(
                                new ByteArrayInputStream(content), (long) content.length, -1L)
                        .build()));
    }

    /**
     * Writes the object unless there is one already; of several writers exactly one succeeds.
     *
     * @return whether this call wrote it
     */
    public boolean putIfAbsent(String key, byte[] content) {
        return run("write " + key, () -> {
            try {
                client.putObject(PutObjectArgs.builder().bucket(bucket).object(key).stream(
                                new ByteArrayInputStream(content), (long) content.length, -1L)
                        .extraHeaders(new Http.Headers("If-None-Match", "*"))
                        .build());
                return true;
            } catch (ErrorResponseException e) {
                if (e.response().code() == 412 || e.response().code() == 409) {
                    return false;
                }
                throw e;
            }
        });
    }

    /** Streams an object of unknown length, a part at a time. The caller closes the stream. */
    public void put(String key, InputStream content) {
        run(
                "write " + key,
                () -> client.putObject(
                        PutObjectArgs.builder().bucket(bucket).object(key).stream(content, -1L, PART_BYTES)
                                .build()));
    }

    /**
     * Replaces the object. Goes by a presigned URL, because a signature over the content takes both sides longer than the
     * transfer; over TLS MinIO's client does without it, too.
     */
    public void upload(String key, Path file) {
        act("write " + key, () -> {
            if (Files.size(file) > LARGEST_PUT) {
                client.uploadObject(UploadObjectArgs.builder()
                        .bucket(bucket)
                        .object(key)
                        .filename(file.toString())
                        .build());
                return;
            }
            HttpRequest request = HttpRequest.newBuilder(URI.create(presignPut(key, UPLOAD_LIMIT)))
                    .timeout(UPLOAD_LIMIT)
                    .PUT(HttpRequest.BodyPublishers.ofFile(file))
                    .build();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("it answered " + answer.statusCode() + " " + answer.body());
            }
        });
    }

    /** Writes every file below the directory under the prefix, a file at a time. */
    public void uploadDirectory(String prefix, Path directory) {
        try (var files = Files.walk(directory)) {
            files.filter(Files::isRegularFile)
                    .sorted()
                    .forEach(file -> upload(
                            prefix + directory.relativize(file).toString().replace('\\', '/'), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces the file if it exists; it appears only when it is whole. Makes its folder. */
    public void download(String key, Path file) {
        act("read " + key, () -> {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path partial = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
            try {
                client.downloadObject(DownloadObjectArgs.builder()
                        .bucket(bucket)
                        .object(key)
                        .filename(partial.toString())
                        .build());
                Files.move(
                        partial,
                        file,
                        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
        });
    }

    /** Reads every object under the prefix into the directory. */
    public void downloadDirectory(String prefix, Path directory) {
        for (String key : list(prefix)) {
            download(key, directory.resolve(key.substring(prefix.length())));
        }
    }

    public byte[] get(String key) {
        return run("read " + key, () -> {
            try (InputStream in = stream(key)) {
                return in.readAllBytes();
            }
        });
    }

    /** @return the object's bytes; the caller closes the stream */
    public InputStream stream(String key) {
        return run(
                "read " + key,
                () -> client.getObject(
                        GetObjectArgs.builder().bucket(bucket).object(key).build()));
    }

    /** Copies the object within the store. */
    public void copy(String from, String to) {
        act("copy " + from, () -> {
            client.copyObject(CopyObjectArgs.builder()
                    .bucket(bucket)
                    .object(to)
                    .source(SourceObject.builder().bucket(bucket).object(from).build())
                    .build());
        });
    }

    /** @return its length in bytes; empty where there is no such object */
    public OptionalLong size(String key) {
        return run("look at " + key, () -> {
            try {
                return OptionalLong.of(client.statObject(StatObjectArgs.builder()
                                .bucket(bucket)
                                .object(key)
                                .build())
                        .size());
            } catch (ErrorResponseException e) {
                if (e.errorResponse().code().equals("NoSuchKey")) {
                    return OptionalLong.empty();
                }
                throw e;
            }
        });
    }

    public boolean exists(String key) {
        return size(key).isPresent();
    }

    /** @return the keys of all objects under the prefix, in the order of the store */
    public List<String> list(String prefix) {
        return run("list " + prefix, () -> {
            List<String> keys = new ArrayList<>();
            for (Result<Item> item : client.listObjects(ListObjectsArgs.builder()
                    .bucket(bucket)
                    .prefix(prefix)
                    .recursive(true)
                    .build())) {
                keys.add(item.get().objectName());
            }
            return keys;
        });
    }

    /** Deletes the object; one that is gone already is no error. */
    public void delete(String key) {
        act("delete " + key, () -> {
            client.removeObject(
                    RemoveObjectArgs.builder().bucket(bucket).object(key).build());
        });
    }

    /** Deletes all objects under the prefix. */
    public void deletePrefix(String prefix) {
        List<DeleteRequest.Object> objects =
                list(prefix).stream().map(DeleteRequest.Object::new).toList();
        if (objects.isEmpty()) {
            return;
        }
        act("delete " + prefix, () -> {
            for (var failure : client.removeObjects(
                    RemoveObjectsArgs.builder().bucket(bucket).objects(objects).build())) {
                throw new IOException(failure.get().message());
            }
        });
    }

    /** A URL at the store's own endpoint that lets its holder read the object. */
    public String presignGet(String key, Duration validity) {
        return presign(Http.Method.GET, key, validity);
    }

    /** A URL at the store's own endpoint that lets its holder write the object, once or more, until it expires. */
    public String presignPut(String key, Duration validity) {
        return presign(Http.Method.PUT, key, validity);
    }

    private String presign(Http.Method method, String key, Duration validity) {
        return run(
                "presign " + key,
                () -> client.getPresignedObjectUrl(GetPresignedObjectUrlArgs.builder()
                        .method(method)
                        .bucket(bucket)
                        .object(key)
                        .expiry((int) validity.toSeconds())
                        .build()));
    }

    @Override
    public void close() {
        http.shutdownNow();
        act("close", () -> {
            client.close();
        });
    }

    private interface Call<T> {
        T run() throws Exception;
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void act(String what, Action action) {
        run(what, () -> {
            action.run();
            return true;
        });
    }

    private static <T> T run(String what, Call<T> call) {
        try {
            return call.run();
        } catch (MinioException | IOException e) {
            throw new UncheckedIOException("The object store could not " + what + ": " + e.getMessage(), asIo(e));
        } catch (IllegalStateException e) {
            // Where the store cannot be reached, the client hides the I/O failure in one of these.
            if (e.getCause() instanceof IOException cause) {
                throw new UncheckedIOException("The object store could not " + what + ": " + cause.getMessage(), cause);
            }
            throw e;
        } catch (RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted: " + what, e);
        } catch (Exception e) {
            throw new IllegalStateException("The object store could not " + what, e);
        }
    }

    private static IOException asIo(Exception e) {
        return e instanceof IOException io ? io : new IOException(e);
    }
}
