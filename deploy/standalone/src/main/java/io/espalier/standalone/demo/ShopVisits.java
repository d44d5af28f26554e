package io.espalier.standalone.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What visitors of a shop looked at in half a year: each has an interest or two, and what is popular catches everybody's eye. Always
 * the same ones.
 */
final class ShopVisits {
    private static final int VISITORS = 700;
    private static final int FEWEST_ARTICLES = 6;
    private static final int MEAN_MORE_ARTICLES = 7;
    private static final double OFF_INTEREST = 0.2;
    private static final long SEED = 20_26;
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration SPAN = Duration.ofDays(181);

    private static final Map<String, List<String>> ARTICLES = new TreeMap<>(Map.of(
            "camping",
            List.of(
                    "tent",
                    "sleeping-bag",
                    "camping-stove",
                    "headlamp",
                    "sleeping-mat",
                    "water-filter",
                    "folding-chair",
                    "hammock",
                    "cool-box",
                    "lantern"),
            "cycling",
            List.of(
                    "bike-helmet",
                    "bike-lock",
                    "bike-pump",
                    "cycling-gloves",
                    "bike-light",
                    "pannier",
                    "bottle-cage",
                    "tyre-levers",
                    "bike-bell",
                    "saddle"),
            "kitchen",
            List.of(
                    "chef-knife",
                    "cutting-board",
                    "frying-pan",
                    "stock-pot",
                    "mixing-bowl",
                    "whisk",
                    "kitchen-scale",
                    "peeler",
                    "colander",
                    "rolling-pin"),
            "garden",
            List.of(
                    "spade",
                    "secateurs",
                    "watering-can",
                    "garden-gloves",
                    "wheelbarrow",
                    "rake",
                    "plant-pot",
                    "seed-tray",
                    "hose",
                    "trowel"),
            "music",
            List.of(
                    "guitar-strings",
                    "capo",
                    "metronome",
                    "music-stand",
                    "tuner",
                    "headphones",
                    "microphone",
                    "keyboard-stand",
                    "drumsticks",
                    "audio-cable"),
            "office",
            List.of(
                    "desk-lamp",
                    "notebook",
                    "fountain-pen",
                    "stapler",
                    "monitor-arm",
                    "desk-pad",
                    "label-maker",
                    "paper-tray",
                    "whiteboard",
                    "footrest")));

    private static final Map<String, List<String>> NEW_ARTICLES = Map.of(
            "camping", List.of("rain-jacket"), "kitchen", List.of("bread-knife"), "music", List.of("violin-bow"));

    private ShopVisits() {}

    private record Visit(Instant time, String visitor, String article) {}

    /** A CSV file with a header, the oldest visit first. */
    static byte[] csv() {
        Random random = new Random(SEED);
        List<String> interests = List.copyOf(ARTICLES.keySet());
        List<String> all = ARTICLES.values().stream().flatMap(List::stream).toList();
        List<Visit> visits = new ArrayList<>();
        for (int visitor = 0; visitor < VISITORS; visitor++) {
            List<String> own = new ArrayList<>(ARTICLES.get(interests.get(random.nextInt(interests.size()))));
            if (random.nextInt(3) == 0) {
                own.addAll(ARTICLES.get(interests.get(random.nextInt(interests.size()))));
            }
            int count = FEWEST_ARTICLES + (int) Math.floor(-MEAN_MORE_ARTICLES * Math.log(1 - random.nextDouble()));
            Set<String> seen = new LinkedHashSet<>();
            for (int tries = 0; seen.size() < count && tries < 10 * count; tries++) {
                seen.add(pick(random.nextDouble() < OFF_INTEREST ? all : own, random));
            }
            List<Instant> times = new ArrayList<>();
            seen.forEach(_ -> times.add(BEGIN.plusSeconds(random.nextLong(SPAN.toSeconds()))));
            Collections.sort(times);
            int next = 0;
            for (String article : seen) {
                visits.add(new Visit(times.get(next++), "visitor-%03d".formatted(visitor), article));
            }
        }
        visits.sort(Comparator.comparing(Visit::time).thenComparing(Visit::visitor));
        StringBuilder csv = new StringBuilder("user_id,item_id,timestamp\n");
        visits.forEach(visit -> csv.append(visit.visitor)
                .append(',')
                .append(visit.article)
                .append(',')
                .append(visit.time)
                .append('\n'));
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What the articles are, with some that nobody looked at yet. */
    static byte[] articles() {
        Random random = new Random(SEED);
        StringBuilder csv = new StringBuilder("item_id,name,department,price\n");
        ARTICLES.forEach((department, articles) -> Stream.concat(
                        articles.stream(), NEW_ARTICLES.getOrDefault(department, List.of()).stream())
                .forEach(article -> csv.append("%s,%s,%s,%d.%02d\n"
                        .formatted(
                                article,
                                article.replace('-', ' '),
                                department,
                                3 + random.nextInt(90),
                                random.nextInt(100)))));
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The first ones of a list are the most popular. */
    private static String pick(List<String> articles, Random random) {
        double skewed = random.nextDouble();
        return articles.get((int) (articles.size() * skewed * Math.sqrt(skewed)));
    }
}
