package io.espalier.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.process.FileTrees;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saved models, each with one file damaged in one or two ways: every one is read, or refused in words. */
class MutatedImportsIT {
    private static final Path IMPORTS = Path.of("src/test/resources/imports");
    private static final int MUTATIONS = 600;
    /** Of a file of weights where its names and sizes are. */
    private static final int HEADER = 2000;

    private static final Map<String, String> TASKS = Map.of(
            "bert", "text-classification",
            "distilbert", "text-classification",
            "roberta", "text-classification",
            "basic", "image-classification");

    /** What JSON of a configuration or tokenizer can say that nobody would. */
    private static final List<String> SAYINGS = List.of(
            "null",
            "-1",
            "0",
            "1e400",
            "9223372036854775808",
            "2147483647",
            "true",
            "[]",
            "{}",
            "\"\"",
            "\"a\\u0000b\"",
            "[[[[]]]]",
            "\"\\ud800\"",
            "0.5",
            "{\"type\": \"Sequence\"}");

    @TempDir
    private Path folder;

    @Test
    void areReadOrRefused() throws IOException {
        List<String> names = TASKS.keySet().stream().sorted().toList();
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            Random random = new Random(seed);
            String name = names.get(random.nextInt(names.size()));
            Path given = Files.createDirectories(folder.resolve("given"));
            Path made = Files.createDirectories(folder.resolve("made"));
            List<Path> files = copy(IMPORTS.resolve(name), given);
            Path changed = files.get(random.nextInt(files.size()));
            byte[] content = Files.readAllBytes(changed);
            for (int i = random.nextInt(2); i >= 0; i--) {
                content = mutated(content, changed.toString().endsWith(".json"), random);
            }
            Files.write(changed, content);

            try {
                TrainingTasks.get(TASKS.get(name)).importBaseModel(new ImportFolder(given), made);
            } catch (ImportRefusedException e) {
                assertThat(e.shown()).isNotEmpty().doesNotContain("");
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("Seed %d, %s of %s".formatted(seed, changed.getFileName(), name), e);
            }
            FileTrees.delete(given);
            FileTrees.delete(made);
        }
        assertThat(refused).isGreaterThan(MUTATIONS / 2);
    }

    private static List<Path> copy(Path from, Path to) throws IOException {
        try (var saved = Files.list(from)) {
            List<Path> files = saved.filter(file -> !file.endsWith("outputs.json"))
                    .sorted()
                    .toList();
            for (Path file : files) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
            return files.stream().map(file -> to.resolve(file.getFileName())).toList();
        }
    }

    private static byte[] mutated(byte[] content, boolean json, Random random) {
        if (content.length == 0) {
            return content;
        }
        return switch (random.nextInt(json ? 5 : 4)) {
            case 0 -> Arrays.copyOf(content, random.nextInt(content.length));
            case 1 -> {
                byte[] flipped = content.clone();
                flipped[random.nextInt(Math.min(HEADER, flipped.length))] ^= (byte) (1 << random.nextInt(8));
                yield flipped;
            }
            case 2 -> {
                byte[] bytes = content.clone();
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                yield bytes;
            }
            case 3 -> {
                int from = random.nextInt(content.length);
                int to = Math.min(content.length, from + random.nextInt(40));
                byte[] shorter = Arrays.copyOf(content, content.length - (to - from));
                System.arraycopy(content, to, shorter, from, content.length - to);
                yield shorter;
            }
            default -> said(new String(content, StandardCharsets.UTF_8), random);
        };
    }

    /** Puts something else in the place of a value. */
    private static byte[] said(String json, Random random) {
        int[] colons = json.chars().filter(c -> c == ':').limit(60).toArray();
        int wanted = colons.length == 0 ? 0 : random.nextInt(colons.length);
        int at = -1;
        for (int i = 0; i <= wanted; i++) {
            at = json.indexOf(':', at + 1);
        }
        if (at < 0) {
            return json.getBytes(StandardCharsets.UTF_8);
        }
        int end = at + 1;
        while (end < json.length() && ",}\n".indexOf(json.charAt(end)) < 0) {
            end++;
        }
        String saying = SAYINGS.get(random.nextInt(SAYINGS.size()));
        return (json.substring(0, at + 1) + saying + json.substring(end)).getBytes(StandardCharsets.UTF_8);
    }
}
