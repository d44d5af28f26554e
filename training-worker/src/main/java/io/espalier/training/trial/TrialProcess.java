package io.espalier.training.trial;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** A {@link Trial} that runs, seen from the process that started it. */
public final class TrialProcess implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** As every JVM of ours, and quick to start: the work is in native threads. */
    private static final List<String> JVM_FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Dlogback.configurationFile=logback-trial.xml");

    private final Process process;

    private TrialProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a trial; its log goes to this process's standard error.
     *
     * @param heapMegabytes of the trial's JVM; libtorch's memory comes on top
     */
    public static TrialProcess start(TrialSpec spec, int heapMegabytes) throws IOException {
        Path work = spec.work();
        Path temporary = Files.createDirectories(work.resolve("tmp"));
        Path specFile = work.resolve("trial.json");
        JSON.writeValue(specFile, spec);
        // In a file: a long command line crashes ONNX Runtime, and systems limit it.
        Path arguments = work.resolve("trial.args");
        Files.write(
                arguments,
                Stream.of(
                                JVM_FLAGS.stream(),
                                Stream.of(
                                        "-Xmx" + heapMegabytes + "m",
                                        "-Djava.io.tmpdir=" + temporary,
                                        "-Dai.djl.pytorch.num_threads=" + spec.threads(),
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Trial.class.getName(),
                                        specFile.toString()))
                        .flatMap(stream -> stream)
                        .map(TrialProcess::quoted)
                        .toList());
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@" + arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Map<String, String> environment = builder.environment();
        String threads = Integer.toString(spec.threads());
        environment.put("OMP_NUM_THREADS", threads);
        environment.put("MKL_NUM_THREADS", threads);
        // Steps free and take the same large blocks again: without this each comes back from the system page by page.
        environment.put("MALLOC_MMAP_THRESHOLD_", "1073741824");
        environment.put("MALLOC_TRIM_THRESHOLD_", "4294967296");
        return new TrialProcess(builder.start());
    }

    /** An argument file knows quotes and backslashes. */
    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /**
     * Reads events until the trial ends.
     *
     * @return its exit status
     */
    public int follow(Consumer<TrialEvent> listener) throws InterruptedException {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                listener.accept(JSON.readValue(line, TrialEvent.class));
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
        return process.waitFor();
    }

    public long pid() {
        return process.pid();
    }

    /** Kills the trial if it still runs; it has nothing to tidy up. Thread-safe. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
