package io.espalier.standalone.demo;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.job.Evaluation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** What the demo prints, as text for a fixed-width font. */
final class Tables {
    private static final int MOST_CLASSES_LISTED = 12;
    private static final int WIDEST_LABEL = 24;

    private Tables() {}

    static String profile(DatasetReport report) {
        StringBuilder text = new StringBuilder();
        for (DatasetReport.FileFormat file : report.files()) {
            text.append("  %-12s %s: %s%s%s, %d columns, %d rows%n"
                    .formatted(
                            "File",
                            file.name(),
                            file.format(),
                            file.encoding() == null ? "" : " in " + file.encoding(),
                            file.header() ? "" : ", without header",
                            file.columns().size(),
                            file.rows()));
        }
        text.append("  %-12s %d of %d used: %s%n"
                .formatted(
                        "Rows",
                        report.rowsUsed(),
                        report.rows(),
                        report.rowsBySplit().entrySet().stream()
                                .map(split -> split.getValue() + " "
                                        + split.getKey().name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))));
        DatasetReport.Profile profile = report.profile();
        if (!profile.classes().isEmpty()) {
            text.append(
                    "  %-12s %d: %s%n".formatted("Classes", profile.classes().size(), classes(profile.classes())));
        }
        if (profile.interactions() instanceof DatasetReport.Interactions interactions) {
            text.append(interactions(interactions));
        }
        DatasetReport.Lengths lengths = profile.lengths();
        if (lengths != null) {
            text.append("  %-12s %d to %d characters, median %d, 95 %% up to %d%s%n"
                    .formatted(
                            "Lengths",
                            lengths.minimum(),
                            lengths.maximum(),
                            lengths.median(),
                            lengths.p95(),
                            profile.truncated() == 0 ? "" : "; %d will be cut off".formatted(profile.truncated())));
        }
        if (!profile.languages().isEmpty()) {
            text.append("  %-12s %s%n".formatted("Languages", counts(profile.languages())));
        }
        Map<String, Long> missing = profile.missing().entrySet().stream()
                .filter(column -> column.getValue() > 0)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        text.append("  %-12s %s%n".formatted("Missing", missing.isEmpty() ? "nothing" : counts(missing)));
        text.append("  %-12s %d%n".formatted("Duplicates", profile.duplicates()));
        if (report.issues().isEmpty()) {
            text.append("  %-12s none%n".formatted("Issues"));
        }
        for (DatasetReport.Issue issue : report.issues()) {
            String severity = switch (issue.severity()) {
                case ERROR -> "error: ";
                case ROWS_LEFT_OUT -> "left out: ";
                case WARNING -> "";
            };
            String rows = issue.examples().stream()
                    .filter(place -> place.row() != null)
                    .map(place -> Long.toString(place.row()))
                    .limit(5)
                    .collect(Collectors.joining(", "));
            text.append("  %-12s %s%s%s%n"
                    .formatted("Issue", severity, issue.message(), rows.isEmpty() ? "" : " (row " + rows + ")"));
        }
        return text.toString().stripTrailing();
    }

    private static String interactions(DatasetReport.Interactions interactions) {
        return "  %-12s %d, each with %d to %d items, median %d%n"
                        .formatted(
                                "Users",
                                interactions.users(),
                                interactions.perUser().minimum(),
                                interactions.perUser().maximum(),
                                interactions.perUser().median())
                + "  %-12s %d, each of %d to %d users, median %d; the top tenth has %.0f %% of the interactions%n"
                        .formatted(
                                "Items",
                                interactions.items(),
                                interactions.perItem().minimum(),
                                interactions.perItem().maximum(),
                                interactions.perItem().median(),
                                100 * interactions.topShare())
                + "  %-12s %.2f %% of all pairs%n".formatted("Density", 100 * interactions.density())
                + (interactions.types() == null ? "" : "  %-12s %s%n".formatted("Types", counts(interactions.types())))
                + (interactions.attributes() instanceof DatasetReport.Attributes attributes
                        ? "  %-12s of %d items, %d of them in no interaction: %s%n"
                                .formatted(
                                        "Attributes",
                                        attributes.known(),
                                        attributes.unseen(),
                                        attributes.columns().entrySet().stream()
                                                .map(column -> column.getKey() + " (" + column.getValue() + ")")
                                                .collect(Collectors.joining(", ")))
                        : "");
    }

    static String evaluation(Evaluation evaluation) {
        StringBuilder text = new StringBuilder();
        Map<String, Double> metrics = evaluation.metrics();
        if (evaluation.classes().isEmpty()) {
            text.append("  %d test rows%n".formatted(evaluation.rows()));
            metrics.forEach((name, value) -> text.append("  %-24s %.4f%n".formatted(name, value)));
            return text.toString().stripTrailing();
        }
        text.append("  %d test rows:".formatted(evaluation.rows()));
        metrics.forEach((name, value) -> text.append("  %s %.4f".formatted(name, value)));
        text.append("%n%n".formatted());
        int width = evaluation.classes().stream()
                .mapToInt(row -> shortened(row.label()).length())
                .max()
                .orElse(0);
        width = Math.max(width, "class".length());
        text.append("  %-{w}s  precision  recall      F1  rows%n"
                .replace("{w}", Integer.toString(width))
                .formatted("class"));
        List<Evaluation.ClassMetrics> listed = evaluation.classes();
        if (listed.size() > 40) {
            text.append("  (the 20 classes of lowest F1 of %d)%n".formatted(listed.size()));
            listed = listed.stream()
                    .sorted(Comparator.comparingDouble(Evaluation.ClassMetrics::f1))
                    .limit(20)
                    .toList();
        }
        for (Evaluation.ClassMetrics row : listed) {
            text.append("  %s  %9.4f  %6.4f  %6.4f  %4d%n"
                    .formatted(
                            padded(shortened(row.label()), width),
                            row.precision(),
                            row.recall(),
                            row.f1(),
                            row.support()));
        }
        if (evaluation.classes().size() <= MOST_CLASSES_LISTED) {
            text.append(System.lineSeparator()).append(confusion(evaluation, width));
        }
        return text.toString().stripTrailing();
    }

    /** @param page of {@code /api/matrix} */
    static String matrix(JsonNode page) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "product", "task", "base model", "data", "version", "metric", "history", "size", "latency", "changed"));
        for (JsonNode line : page.path("items")) {
            List<String> row = new ArrayList<>(List.of(
                    line.path("slug").asString(),
                    line.path("task").asString(),
                    line.path("baseModel").asString("-")));
            JsonNode version = line.path("version");
            row.addAll(version.isMissingNode() ? Collections.nCopies(6, "-") : version(line, version));
            row.add(line.path("changedAt").asString().substring(0, "2000-01-01".length()));
            rows.add(row);
        }
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return rows.stream()
                .map(row -> IntStream.range(0, columns)
                        .mapToObj(column -> padded(row.get(column), widths[column]))
                        .collect(Collectors.joining("  ", "  ", ""))
                        .stripTrailing())
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private static List<String> version(JsonNode line, JsonNode version) {
        double bytes = version.path("bytes").asDouble();
        return List.of(
                version.path("data").asString("-"),
                version.path("number").asString() + (version.path("deployed").asBoolean() ? ", deployed" : ""),
                line.path("primaryMetric").asString() + " " + decimals(version.path("metric"), "%.4f"),
                line.path("history")
                        .valueStream()
                        .map(point -> decimals(point.path("metric"), "%.3f"))
                        .collect(Collectors.joining(" ")),
                (bytes < 1e6 ? "%.0f kB".formatted(bytes / 1e3) : "%.1f MB".formatted(bytes / 1e6)) + " "
                        + version.path("precision").asString(),
                decimals(version.path("latencyMillis"), "%.1f ms"));
    }

    private static String decimals(JsonNode number, String format) {
        return number.isNumber() ? format.formatted(number.asDouble()) : "-";
    }

    private static String confusion(Evaluation evaluation, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder("  " + padded("", width + 5));
        for (int column = 1; column <= evaluation.classes().size(); column++) {
            head.append("%6d".formatted(column));
        }
        lines.add("  Confusion (rows are true, columns predicted):");
        lines.add(head.toString());
        for (int row = 0; row < evaluation.confusion().size(); row++) {
            String cells = evaluation.confusion().get(row).stream()
                    .map(count -> "%6s".formatted(count == 0 ? "." : count.toString()))
                    .collect(Collectors.joining());
            lines.add("  %3d  ".formatted(row + 1)
                    + padded(shortened(evaluation.classes().get(row).label()), width)
                    + cells);
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String classes(Map<String, Long> classes) {
        String listed = classes.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(MOST_CLASSES_LISTED)
                .map(entry -> shortened(entry.getKey()) + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return classes.size() > MOST_CLASSES_LISTED ? listed + ", …" : listed;
    }

    private static String counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(8)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String shortened(String label) {
        String line = label.replaceAll("\\s+", " ");
        return line.length() <= WIDEST_LABEL ? line : line.substring(0, WIDEST_LABEL - 1) + "…";
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
