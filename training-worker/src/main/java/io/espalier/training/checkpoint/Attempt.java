package io.espalier.training.checkpoint;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.JobRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * One attempt at a job's training, as the object store sees it. Its number belongs to it alone, even where a workflow starts
 * over and counts from one again, and it writes below its own prefix only: whatever an attempt that was thought dead still
 * writes, no other reads. The one exception, the settings, is written once and never changed.
 */
public final class Attempt {
    private static final String CLAIM = "claim";
    private static final String CHECKPOINTS = "checkpoints/";
    private static final String COMPLETE = "complete";
    private static final String SETTINGS = "settings.json";
    private static final String MODEL = "model/";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectStore store;
    private final JobRef job;
    private final int number;

    private Attempt(ObjectStore store, JobRef job, int number) {
        this.store = store;
        this.job = job;
        this.number = number;
    }

    /** Takes the next free number of the job. */
    public static Attempt claim(ObjectStore store, JobRef job) {
        String attempts = attempts(job);
        int number = store.list(attempts).stream()
                .map(key -> key.substring(attempts.length()))
                .mapToInt(key -> Integer.parseInt(key.substring(0, key.indexOf('/'))))
                .max()
                .orElse(0);
        do {
            number++;
        } while (!store.putIfAbsent(ObjectKeys.trainingAttempt(job, number) + CLAIM, new byte[] {'1'}));
        return new Attempt(store, job, number);
    }

    public int number() {
        return number;
    }

    /** What the first attempt recorded; empty if none has come so far. */
    public Optional<RecordedSettings> recordedSettings() {
        String key = settingsKey();
        return store.exists(key)
                ? Optional.of(JSON.readValue(store.get(key), RecordedSettings.class))
                : Optional.empty();
    }

    /**
     * Records the settings for all later attempts.
     *
     * @return those in force: these, or those of an attempt that was faster
     */
    public RecordedSettings record(RecordedSettings settings) {
        return store.putIfAbsent(settingsKey(), JSON.writeValueAsBytes(settings))
                ? settings
                : recordedSettings().orElseThrow();
    }

    /**
     * Copies a checkpoint into the store; it counts from when the last object is there.
     *
     * @return its key prefix
     */
    public String uploadCheckpoint(Path folder, long step) {
        String prefix = prefix() + CHECKPOINTS + step + "/";
        store.uploadDirectory(prefix, folder);
        store.put(prefix + COMPLETE, Long.toString(step).getBytes(StandardCharsets.US_ASCII));
        return prefix;
    }

    /** Deletes this attempt's checkpoints before that one, each one's mark first. */
    public void pruneCheckpointsBefore(long step) {
        Checkpoints.in(store, prefix())
                .filter(checkpoint -> checkpoint.step < step)
                .forEach(checkpoint -> {
                    store.delete(checkpoint.prefix + COMPLETE);
                    store.deletePrefix(checkpoint.prefix);
                });
    }

    /** The key prefix of the job's most advanced complete checkpoint, of whatever attempt. */
    public Optional<String> newestCheckpoint() {
        return Checkpoints.in(store, attempts(job))
                .max(Comparator.comparingLong(Checkpoints::step))
                .map(Checkpoints::prefix);
    }

    public void downloadCheckpoint(String prefix, Path folder) {
        store.downloadDirectory(prefix, folder);
    }

    /** @return the key prefix of the trained model's files */
    public String uploadModel(Path folder) {
        String prefix = prefix() + MODEL;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                store.upload(prefix + file.getFileName(), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return prefix;
    }

    private String prefix() {
        return ObjectKeys.trainingAttempt(job, number);
    }

    private String settingsKey() {
        return ObjectKeys.jobScratch(job) + SETTINGS;
    }

    private static String attempts(JobRef job) {
        return ObjectKeys.jobScratch(job) + "attempts/";
    }

    private record Checkpoints(String prefix, long step) {
        private static final Pattern KEY = Pattern.compile("(.*/" + CHECKPOINTS + "(\\d+)/)" + COMPLETE);

        static Stream<Checkpoints> in(ObjectStore store, String prefix) {
            List<String> keys = store.list(prefix);
            return keys.stream()
                    .map(KEY::matcher)
                    .filter(Matcher::matches)
                    .map(key -> new Checkpoints(key.group(1), Long.parseLong(key.group(2))));
        }
    }
}
