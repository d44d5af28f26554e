package io.espalier.standalone.supervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The command of a JVM whose flags and class path stand in a file: ONNX Runtime dies on command lines of more than about
 * 4 kB, and nobody can read them in a process list either.
 */
public final class JavaCommand {
    private static final List<String> FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dfile.encoding=UTF-8",
            "-XX:+ExitOnOutOfMemoryError");

    private JavaCommand() {}

    /**
     * @param argumentFile where flags and class path are written
     * @param extraFlags for example the heap
     */
    public static List<String> of(Path argumentFile, String classPath, List<String> extraFlags, String mainClass) {
        List<String> lines = new ArrayList<>(FLAGS);
        lines.addAll(extraFlags);
        lines.add("-cp");
        lines.add(classPath);
        try {
            Files.writeString(
                    argumentFile, lines.stream().map(JavaCommand::quoted).collect(Collectors.joining("\n", "", "\n")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return List.of(java.toString(), "@" + argumentFile, mainClass);
    }

    /** As the java launcher reads argument files: in double quotes a backslash escapes. */
    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
