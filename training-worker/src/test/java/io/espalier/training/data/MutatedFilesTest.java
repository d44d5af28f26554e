package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.csv;
import static io.espalier.training.data.DatasetFixture.goodLines;

import io.espalier.contracts.dataset.DatasetReport;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five hundred good files, each damaged in one or two ways: every one gets a report whose figures add up. */
class MutatedFilesTest {
    private static final int MUTATIONS = 500;

    @TempDir
    static Path work;

    private record Good(String name, byte[] content, boolean table) {}

    private interface Mutation {
        byte[] apply(byte[] content, Random random);
    }

    private static final List<Mutation> MUTATIONS_KNOWN = List.of(
            MutatedFilesTest::flipBits,
            MutatedFilesTest::truncate,
            MutatedFilesTest::dropMiddle,
            MutatedFilesTest::repeatPiece,
            (content, random) -> inject(content, random, "\""),
            (content, random) -> inject(content, random, ","),
            (content, random) -> inject(content, random, "\t"),
            (content, random) -> inject(content, random, "\n"),
            (content, random) -> inject(content, random, "\r"),
            (content, random) -> inject(content, random, "\0"),
            (content, random) -> inject(content, random, "{"),
            (content, random) -> inject(content, random, "\u00e9"),
            (content, random) -> recode(content, StandardCharsets.UTF_16LE),
            (content, random) -> recode(content, StandardCharsets.UTF_16),
            (content, random) -> recode(content, Charset.forName("GB18030")),
            (content, random) -> dropColumn(content, random),
            (content, random) -> shuffleLines(content, random),
            MutatedFilesTest::randomBytes);

    @Test
    void everyMutationGetsAReportThatAddsUp() {
        List<Good> goods = goods();
        for (int seed = 0; seed < MUTATIONS; seed++) {
            Random random = new Random(seed);
            Good good = goods.get(random.nextInt(goods.size()));
            byte[] content = good.content();
            for (int i = random.nextInt(2); i >= 0; i--) {
                content = MUTATIONS_KNOWN
                        .get(random.nextInt(MUTATIONS_KNOWN.size()))
                        .apply(content, random);
            }

            try {
                DatasetFixture dataset = good.table() ? DatasetFixture.table() : DatasetFixture.texts();
                DatasetReport report = dataset.file(good.name(), content).inspect(work);
                ReportSums.check(report);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("Seed " + seed + ", from " + good.name(), e);
            }
        }
    }

    private static List<Good> goods() {
        byte[] texts = csv("text,label", goodLines()).getBytes(StandardCharsets.UTF_8);
        String tabs = goodLines().stream()
                .map(line -> line.replace("\",", "\t").replace("\"", ""))
                .collect(Collectors.joining("\r\n"));
        String chinese = "label;review\n"
                + IntStream.range(0, 60)
                        .mapToObj(i -> i % 2 + ";第" + i + "次点餐，味道" + (i % 2 == 0 ? "很好" : "一般"))
                        .collect(Collectors.joining("\n"));
        String json = IntStream.range(0, 60)
                .mapToObj(i -> "{\"text\": \"Text number %d, \\u00e9\", \"label\": %d}".formatted(i, i % 3))
                .collect(Collectors.joining("\n"));
        String table = "age,kind,income,label\n"
                + IntStream.range(0, 80)
                        .mapToObj(i -> i + ",k" + i % 4 + "," + i * 13 % 101 + "." + i % 10 + ","
                                + (i % 2 == 0 ? "yes" : "no"))
                        .collect(Collectors.joining("\n"));
        return List.of(
                new Good("texts.csv", texts, false),
                new Good("texts.tsv", tabs.getBytes(StandardCharsets.UTF_8), false),
                new Good("chinese.csv", chinese.getBytes(StandardCharsets.UTF_8), false),
                new Good("gbk.csv", chinese.getBytes(Charset.forName("GBK")), false),
                new Good("texts.jsonl", json.getBytes(StandardCharsets.UTF_8), false),
                new Good("texts.parquet", ParquetFixture.goodParquet(), false),
                new Good("table.csv", table.getBytes(StandardCharsets.UTF_8), true));
    }

    private static byte[] flipBits(byte[] content, Random random) {
        byte[] changed = content.clone();
        for (int i = random.nextInt(8); i >= 0; i--) {
            if (changed.length > 0) {
                changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            }
        }
        return changed;
    }

    private static byte[] truncate(byte[] content, Random random) {
        return Arrays.copyOf(content, random.nextInt(content.length + 1));
    }

    private static byte[] dropMiddle(byte[] content, Random random) {
        int from = random.nextInt(content.length + 1);
        int to = Math.min(content.length, from + random.nextInt(200));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(content, 0, from);
        out.write(content, to, content.length - to);
        return out.toByteArray();
    }

    private static byte[] repeatPiece(byte[] content, Random random) {
        int from = random.nextInt(content.length + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(content);
        out.write(content, from, content.length - from);
        return out.toByteArray();
    }

    private static byte[] inject(byte[] content, Random random, String what) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = random.nextInt(content.length + 1);
        out.write(content, 0, at);
        out.writeBytes(what.repeat(1 + random.nextInt(3)).getBytes(StandardCharsets.UTF_8));
        out.write(content, at, content.length - at);
        return out.toByteArray();
    }

    private static byte[] recode(byte[] content, Charset charset) {
        return new String(content, StandardCharsets.UTF_8).getBytes(charset);
    }

    private static byte[] dropColumn(byte[] content, Random random) {
        List<String> lines = lines(content);
        int every = 1 + random.nextInt(5);
        for (int i = 0; i < lines.size(); i += every) {
            lines.set(i, lines.get(i).replaceFirst("[,;\t].*", ""));
        }
        return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] shuffleLines(byte[] content, Random random) {
        List<String> lines = lines(content);
        Collections.shuffle(lines, random);
        return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static List<String> lines(byte[] content) {
        return new ArrayList<>(List.of(new String(content, StandardCharsets.ISO_8859_1).split("\n", -1)));
    }

    private static byte[] randomBytes(byte[] content, Random random) {
        byte[] changed = content.clone();
        int from = random.nextInt(changed.length + 1);
        byte[] noise = new byte[Math.min(changed.length - from, random.nextInt(100))];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, changed, from, noise.length);
        return changed;
    }
}
