package io.espalier.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Everything that an installation keeps, and the lock that makes one launcher its owner. The operating system lets go of
 * the lock when the process ends, however it ends.
 */
final class DataDirectory implements AutoCloseable {
    private static final long LEAST_FREE_BYTES = 2L << 30;
    private static final int SECRET_BYTES = 32;

    private final Path root;
    private final FileChannel lock;

    private DataDirectory(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /** @throws LaunchException if it cannot be written, another launcher owns it, or the disk is nearly full */
    static DataDirectory open(Path root) {
        return open(root, LEAST_FREE_BYTES);
    }

    /** @param leastFree bytes that must be free on its disk */
    static DataDirectory open(Path root, long leastFree) {
        try {
            Files.createDirectories(root);
            for (String folder : new String[] {"secrets", "run", "logs"}) {
                Files.createDirectories(root.resolve(folder));
            }
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            Files.setPosixFilePermissions(root.resolve("secrets"), PosixFilePermissions.fromString("rwx------"));
            FileChannel lock = lock(root);
            long free = Files.getFileStore(root).getUsableSpace();
            if (free < leastFree) {
                lock.close();
                throw new LaunchException("Too little disk space for %s: %d MB are free, %d MB are needed."
                        .formatted(root, free >> 20, leastFree >> 20));
            }
            return new DataDirectory(root, lock);
        } catch (FileSystemException e) {
            throw new LaunchException("The data directory " + root + " cannot be used: "
                    + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason()) + ".");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        Path file = root.resolve("lock");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean locked;
        try {
            locked = channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            locked = false;
        }
        if (!locked) {
            channel.close();
            throw new LaunchException("The data directory " + root + " belongs to a running installation (process "
                    + Files.readString(file).strip() + "); choose another one with --data-dir.");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)));
        return channel;
    }

    Path root() {
        return root;
    }

    Path run() {
        return root.resolve("run");
    }

    Path logs() {
        return root.resolve("logs");
    }

    /** The folder of one process's own data. */
    Path of(String process) {
        try {
            return Files.createDirectories(root.resolve(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return whether the secret has been asked for before */
    boolean hasSecret(String name) {
        return Files.exists(root.resolve("secrets").resolve(name));
    }

    /** @return the file of a secret of 256 random bits, generated the first time it is asked for; mode 0600 */
    Path secret(String name) {
        Path file = root.resolve("secrets").resolve(name);
        if (Files.exists(file)) {
            return file;
        }
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        try {
            // Moved into place whole: a launcher killed here must not leave an empty password behind.
            Path partial = file.resolveSibling(name + ".part");
            Files.deleteIfExists(partial);
            Files.createFile(
                    partial, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(partial, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
            return Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String readSecret(String name) {
        try {
            return Files.readString(secret(name)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
