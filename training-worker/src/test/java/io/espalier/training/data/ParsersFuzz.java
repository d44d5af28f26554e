package io.espalier.training.data;

import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.image.UnreadableImageException;
import io.espalier.training.fixture.ImageArchive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Broken images and archives, one after the other for as long as is said; not a test. Ends with 1 and the file that did it where
 * anything happens but an answer within {@value #SECONDS_EACH} s. Its memory's bound is the heap that it is started with.
 *
 * <p>Arguments: {@code images} or {@code archives}, seconds, the first seed, a folder for findings, and for images a folder of good ones.
 */
final class ParsersFuzz {
    private static final int SECONDS_EACH = 20;
    private static final int[] EXTREMES = {0, 1, 0x7f, 0x80, 0xfe, 0xff};

    private ParsersFuzz() {}

    private record Good(String name, byte[] content) {}

    private interface Parser {
        void read(Good broken) throws IOException;
    }

    public static void main(String[] arguments) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[1]));
        long seed = Long.parseLong(arguments[2]);
        Path findings = Files.createDirectories(Path.of(arguments[3]));
        boolean images = arguments[0].equals("images");
        List<Good> good = images ? images(Path.of(arguments[4])) : archives();
        Path work = Files.createTempDirectory("fuzz-");
        Parser parser = images ? ParsersFuzz::decode : broken -> inspect(broken, work);
        long slowest = 0;
        long cases = 0;
        try (var runner =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory())) {
            for (; System.nanoTime() < end; seed++, cases++) {
                Random random = new Random(seed);
                Good chosen = good.get(random.nextInt(good.size()));
                Good broken = new Good(chosen.name, broken(chosen.content, random));
                long start = System.nanoTime();
                try {
                    runner.submit(() -> {
                                parser.read(broken);
                                return true;
                            })
                            .get(SECONDS_EACH, TimeUnit.SECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    Path file = Files.write(findings.resolve(seed + "-" + broken.name), broken.content);
                    System.out.printf("Seed %d: %s%n", seed, file);
                    e.printStackTrace();
                    Runtime.getRuntime().halt(1);
                }
                slowest = Math.max(slowest, System.nanoTime() - start);
            }
        }
        System.out.printf(
                "%s: %,d broken files of %d good ones, up to seed %d, no finding; the slowest took %d ms; heap %d MiB%n",
                arguments[0],
                cases,
                good.size(),
                seed,
                slowest / 1_000_000,
                Runtime.getRuntime().maxMemory() >> 20);
    }

    private static List<Good> images(Path folder) throws IOException {
        List<Good> good = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (!name.endsWith(".rgb") && !name.endsWith(".py")) {
                    good.add(new Good(name, Files.readAllBytes(file)));
                }
            }
        }
        return good;
    }

    private static List<Good> archives() {
        ImageArchive few = ImageArchive.empty().pictures("train/", 3).pictures("test/", 2);
        ImageArchive listed = ImageArchive.empty()
                .pictures("", 4)
                .file("labels.csv", "file,label\nlying/0.png,a\nlying/1.png,a\nstanding/0.png,b\nstanding/1.png,b\n");
        return List.of(
                new Good("folders.zip", few.zip()),
                new Good("folders.tar", few.tar()),
                new Good("folders.tar.gz", few.tarGz()),
                new Good("table.zip", listed.zip()),
                new Good("table.tar", listed.tar()));
    }

    private static void decode(Good broken) {
        try {
            Images.decode(broken.content).pixels();
        } catch (UnreadableImageException e) {
            if (e.getMessage().isBlank()) {
                throw new IllegalStateException("Refused without a word", e);
            }
        }
    }

    private static void inspect(Good broken, Path work) {
        DatasetFixture.images().file(broken.name, broken.content).inspect(work);
        try (var left = Files.list(work)) {
            if (left.findAny().isPresent()) {
                throw new IllegalStateException("Something was left in " + work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes changed, swapped for extremes, cut out, doubled, or the end cut off. */
    private static byte[] broken(byte[] good, Random random) {
        byte[] content = good.clone();
        for (int change = random.nextInt(6); change >= 0; change--) {
            int at = place(content.length, random);
            switch (random.nextInt(6)) {
                case 0, 1 -> content[at] = (byte) random.nextInt();
                case 2 -> content[at] = (byte) EXTREMES[random.nextInt(EXTREMES.length)];
                case 3 -> content[at] ^= (byte) (1 << random.nextInt(8));
                case 4 -> {
                    int length = Math.min(content.length - at, 1 + random.nextInt(16));
                    Arrays.fill(content, at, at + length, (byte) EXTREMES[random.nextInt(EXTREMES.length)]);
                }
                default -> content = spliced(content, at, random);
            }
        }
        return random.nextInt(8) == 0 ? Arrays.copyOf(content, 1 + random.nextInt(content.length)) : content;
    }

    /** Half of the changes fall on the first and last bytes, where formats say what they are. */
    private static int place(int length, Random random) {
        int edge = Math.min(length, 256);
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(edge);
            case 1 -> length - 1 - random.nextInt(edge);
            default -> random.nextInt(length);
        };
    }

    private static byte[] spliced(byte[] content, int at, Random random) {
        int length = Math.min(content.length - at, 1 + random.nextInt(64));
        boolean doubles = random.nextBoolean();
        var result = new ByteArrayOutputStream();
        result.write(content, 0, doubles ? at + length : Math.max(1, at));
        int from = doubles ? at : at + length;
        result.write(content, from, content.length - from);
        return result.toByteArray();
    }
}
