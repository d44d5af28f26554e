package io.espalier.training.data;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file whose form is known. Every {@link #read} passes over the whole file, in flat memory. */
sealed interface DataFile permits DelimitedFile, FileArchive, JsonLinesFile, ParquetFile {
    /** Of a list of words that is empty. */
    String NO_WORDS = " ";

    /** {@code csv}, {@code tsv}, {@code jsonl}, {@code parquet}, {@code zip} or {@code tar}. */
    String format();

    /** Null for what is no text. */
    default @Nullable String encoding() {
        return null;
    }

    /** Null for all but delimited text. */
    default @Nullable CsvDialect dialect() {
        return null;
    }

    boolean header();

    /** In the order of the file; positional names where the file has none. */
    List<String> columns();

    /** The first rows, to guess by. */
    List<List<@Nullable String>> sample();

    void read(Reader reader) throws IOException;

    /** What a pass over a file finds. Row numbers are those that a spreadsheet or an editor shows. */
    interface Reader {
        /**
         * @param cells one a column
         * @param nested columns of which the value is no text, number or boolean; with each the words of a list in one cell, {@code |}
         *     between them, {@link #NO_WORDS} where it has none, and empty where it is no list of words
         */
        void row(long number, List<@Nullable String> cells, Map<Integer, String> nested);

        /** A row that cannot be taken apart. */
        void broken(long number, IssueCode code, @Nullable String value);

        /** The file cannot be read beyond this place; the row, if there is one, counts. */
        void stopped(@Nullable Long number, IssueCode code, @Nullable String message);

        /** A field that is none of the columns. */
        void unexpectedField(long number, String name);
    }
}
