package io.espalier.standalone.supervisor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The class data archive of a JVM (JEP 350): classes as its last run left them, read and verified, which halves the time to
 * start. The JVM writes it when it ends and none is there; it does not replace one whose class path has changed since, so each
 * state of the class path has an archive of its own.
 */
public final class ClassArchive {
    private ClassArchive() {}

    /**
     * The flags that read the archive, or else write it. Archives of other states of the class path are deleted.
     *
     * @param name of the process
     */
    public static List<String> flags(Path folder, String name, String classPath) {
        Path archive = folder.resolve(name + "-" + Integer.toHexString(state(classPath)) + ".jsa");
        try (DirectoryStream<Path> others = Files.newDirectoryStream(folder, name + "-*.jsa")) {
            for (Path other : others) {
                if (!other.equals(archive)) {
                    Files.delete(other);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + archive,
                // An archive that does not fit is no matter for the log: the JVM goes on without.
                "-Xlog:disable",
                "-Xlog:all=error,cds*=off,aot*=off:stderr");
    }

    private static int state(String classPath) {
        int hash = System.getProperty("java.vm.version").hashCode();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            hash = 31 * hash + entry.hashCode();
            hash = 31 * hash + Long.hashCode(new File(entry).lastModified());
        }
        return hash;
    }
}
