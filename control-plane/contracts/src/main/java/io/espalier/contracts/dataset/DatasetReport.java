package io.espalier.contracts.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that inspecting a dataset version found out; written once as JSON beside the data.
 *
 * @param trainable whether a training job may use the version: no issue of severity {@link Severity#ERROR}
 * @param mapping the mapping in force: the user's where given, completed by guesses
 * @param rowsUsed rows that a training job would use; {@code rows - rowsUsed} are left out
 * @param rowsBySplit rows used, by the split that they fall into
 */
public record DatasetReport(
        boolean trainable,
        ColumnMapping mapping,
        List<FileFormat> files,
        long rows,
        long rowsUsed,
        Map<Split, Long> rowsBySplit,
        List<Issue> issues,
        Profile profile,
        Preview preview) {

    /**
     * What a file turned out to be.
     *
     * @param format {@code csv}, {@code tsv}, {@code jsonl} or {@code parquet}
     * @param delimiter null beyond delimited text
     */
    public record FileFormat(
            String name,
            String format,
            @Nullable String encoding,
            @Nullable String delimiter,
            @Nullable String quote,
            boolean header,
            List<String> columns,
            long rows) {}

    /** What an issue means for the user. */
    public enum Severity {
        /** The version cannot be trained on until this is mended. */
        ERROR,
        /** These rows are left out if the user goes on. */
        ROWS_LEFT_OUT,
        /** Worth knowing; nothing is left out. */
        WARNING
    }

    /**
     * One kind of problem with all its occurrences.
     *
     * @param code stable, kebab-case: {@code missing-label}, {@code empty-text}
     * @param message in plain words, with the count
     * @param examples the first few places, and the first of every further column
     */
    public record Issue(String code, Severity severity, String message, long count, List<Place> examples) {}

    /**
     * Where a problem is.
     *
     * @param row counted from 1 as a spreadsheet shows it, so the header is row 1; null for a problem of the whole file
     * @param value what stands there, shortened; null where there is nothing to show
     */
    public record Place(
            String file,
            @Nullable Long row,
            @Nullable String column,
            @Nullable String value) {}

    /**
     * @param classes rows used, by label
     * @param lengths characters of the input; null for tasks without text
     * @param languages rows used, by ISO 639-1 code, where detected; empty for tasks without text
     * @param missing empty cells, by column
     * @param truncated rows whose text is longer than the base model reads by default
     * @param images absent for tasks without images
     * @param interactions absent for tasks without interactions
     */
    public record Profile(
            Map<String, Long> classes,
            @Nullable Lengths lengths,
            Map<String, Long> languages,
            Map<String, Long> missing,
            long duplicates,
            long truncated,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Images images,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Interactions interactions) {}

    /** Characters of texts, pixels of images. */
    public record Lengths(long minimum, long median, long p95, long maximum) {
        /**
         * Exact quantiles.
         *
         * @param counts how often each length occurs; not empty
         */
        public static Lengths of(SortedMap<? extends Number, Long> counts) {
            return new Lengths(
                    counts.firstKey().longValue(),
                    quantile(counts, 0.5),
                    quantile(counts, 0.95),
                    counts.lastKey().longValue());
        }

        private static long quantile(SortedMap<? extends Number, Long> counts, double share) {
            long total = counts.values().stream().mapToLong(Long::longValue).sum();
            long wanted = Math.max(1, (long) Math.ceil(total * share));
            long seen = 0;
            for (var length : counts.entrySet()) {
                seen += length.getValue();
                if (seen >= wanted) {
                    return length.getKey().longValue();
                }
            }
            return counts.lastKey().longValue();
        }
    }

    /**
     * The images that could be decoded.
     *
     * @param widths and heights: turned as their cameras say
     * @param formats images by format: {@code jpeg}
     * @param thumbnails a few of each label, of the first labels
     */
    public record Images(Lengths widths, Lengths heights, Map<String, Long> formats, List<Thumbnail> thumbnails) {}

    /** @param url a data URL of a small JPEG */
    public record Thumbnail(String label, String url) {}

    /**
     * What users did with items, of the rows used.
     *
     * @param users and items: how many different ones there are
     * @param density the share of all pairs of a user and an item that occur
     * @param perUser interactions of a user
     * @param perItem interactions of an item
     * @param topShare the share of the interactions that the most popular tenth of the items has
     * @param activity interactions by month, {@code 2026-11}, the oldest first; empty where there are no times
     * @param types rows by what they were, the most frequent first, whether they are used or not; of the first hundred types that came, and those that
     *     a training asks for; absent where nothing says so
     * @param attributes absent where no file says what items are
     * @param userAttributes absent where no file says who users are
     * @param ties between two different users each; absent where no file holds any
     */
    public record Interactions(
            long users,
            long items,
            double density,
            Lengths perUser,
            Lengths perItem,
            double topShare,
            Map<String, Long> activity,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Map<String, Long> types,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Attributes attributes,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Attributes userAttributes,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long ties) {}

    /**
     * What is known of items, or of users.
     *
     * @param known how many of them something is said of
     * @param unseen of these, without an interaction
     * @param missing those with interactions of which nothing is said
     * @param columns what each holds: {@code text}, {@code number} or {@code categories}
     */
    public record Attributes(long known, long unseen, long missing, Map<String, String> columns) {}

    /** The first rows as they stand in the file, cells in the order of the columns. */
    public record Preview(List<String> columns, List<List<@Nullable String>> rows) {}
}
