package io.espalier.training.data;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.RecordType;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of delimited text, one at a time, in flat memory. Blank lines count as records, as in a spreadsheet, but are
 * passed over. Cells are stripped unless they are quoted; what is then empty is null.
 */
final class CsvRecords implements AutoCloseable {
    /** Longer than any text of use: what is longer comes from a quotation mark that is not closed. */
    static final int LONGEST_CELL_CHARACTERS = 1 << 22;

    private static final int MOST_CELLS = 4096;
    /** Where there is no quoting: a noncharacter, which no text has. */
    private static final char NO_QUOTE = '\uffff';
    /** Follows the last line; a quotation mark that is still open swallows it, else it is a record of its own. */
    private static final String END = "\u0003end-of-file\u0003";

    /**
     * @param number counted from 1
     * @param cells at most 4,096
     * @param width the number of cells that the record really has
     * @param quoted how many cells are quoted
     */
    record Cells(long number, List<@Nullable String> cells, int width, int quoted) {}

    private final CloseableIterator<Cells> records;
    private final Collector collector = new Collector();
    private @Nullable Long unterminated;

    CsvRecords(Reader text, CsvDialect dialect) {
        String quote = dialect.quote();
        this.records = CsvReader.builder()
                .fieldSeparator(dialect.delimiter())
                .quoteCharacter(quote == null ? NO_QUOTE : quote.charAt(0))
                .allowExtraFields(true)
                .allowMissingFields(true)
                .skipEmptyLines(false)
                .allowExtraCharsAfterClosingQuote(true)
                .maxBufferSize(LONGEST_CELL_CHARACTERS)
                .build(collector, new EndMarked(text))
                .iterator();
    }

    /** @return null at the end, or where an open quotation mark makes the rest unreadable */
    @Nullable
    Cells next() throws IOException {
        try {
            while (records.hasNext()) {
                Cells cells = records.next();
                String last = cells.cells().isEmpty() ? null : cells.cells().getLast();
                if (last != null && last.endsWith(END)) {
                    if (cells.width() > 1 || last.length() > END.length()) {
                        unterminated = cells.number();
                    }
                    return null;
                }
                if (cells.width() > 1
                        || !cells.cells().isEmpty() && cells.cells().getFirst() != null) {
                    return cells;
                }
            }
            return null;
        } catch (CsvParseException e) {
            unterminated = collector.number;
            return null;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The record in which a quotation mark is opened and never closed; known once {@link #next} gave null. */
    @Nullable
    Long unterminated() {
        return unterminated;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }

    private static final class Collector extends CsvCallbackHandler<Cells> {
        long number;
        private List<@Nullable String> cells = new ArrayList<>();
        private int width;
        private int quotedCells;
        private int characters;

        @Override
        protected RecordType getRecordType() {
            return RecordType.DATA;
        }

        @Override
        protected int getFieldCount() {
            return width;
        }

        @Override
        protected void beginRecord(long startingLineNumber) {
            number++;
            cells = new ArrayList<>(Math.min(width, MOST_CELLS));
            width = 0;
            quotedCells = 0;
            characters = 0;
        }

        @Override
        protected void addField(char[] buffer, int offset, int length, boolean quoted) {
            width++;
            characters += length;
            if (characters > 4 * LONGEST_CELL_CHARACTERS) {
                throw new CsvParseException("A record is too long");
            }
            if (quoted) {
                quotedCells++;
            }
            if (width <= MOST_CELLS) {
                String cell = new String(buffer, offset, length);
                if (!quoted) {
                    cell = cell.strip();
                }
                cells.add(cell.isEmpty() ? null : cell);
            }
        }

        @Override
        protected void setComment(char[] buffer, int offset, int length) {
            throw new IllegalStateException("Comments are not read");
        }

        @Override
        protected void setEmpty() {
            width = 1;
            cells.add(null);
        }

        @Override
        protected Cells buildRecord() {
            return new Cells(number, cells, width, quotedCells);
        }
    }

    private static final class EndMarked extends FilterReader {
        private final String tail = "\n" + END;
        private int next = -1;

        EndMarked(Reader in) {
            super(in);
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            if (next < 0) {
                int count = super.read(buffer, offset, length);
                if (count >= 0) {
                    return count;
                }
                next = 0;
            }
            if (next == tail.length()) {
                return -1;
            }
            int count = Math.min(length, tail.length() - next);
            tail.getChars(next, next + count, buffer, offset);
            next += count;
            return count;
        }
    }
}
