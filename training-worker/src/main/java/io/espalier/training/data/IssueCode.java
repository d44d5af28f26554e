package io.espalier.training.data;

import static io.espalier.contracts.dataset.DatasetReport.Severity.ERROR;
import static io.espalier.contracts.dataset.DatasetReport.Severity.ROWS_LEFT_OUT;
import static io.espalier.contracts.dataset.DatasetReport.Severity.WARNING;

import io.espalier.contracts.dataset.DatasetReport.Severity;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything that can be wrong with a dataset, apart from what a task's own reader rejects. Documented for users in
 * {@code web-console/docs/datasets.md}; the codes are published and never change.
 *
 * <p>In messages {@code {rows}} stands for the count with its noun, {@code {are}}, {@code {have}} and {@code {s}} for verbs
 * that agree with it.
 */
enum IssueCode {
    MISSING_FILE(ERROR, "The file was never uploaded."),
    EMPTY_FILE(ERROR, "The file is empty."),
    NO_ROWS(ERROR, "The file has a header but no rows."),
    UNSUPPORTED_FORMAT(ERROR, "The file is neither CSV, TSV, JSON Lines nor Parquet."),
    DAMAGED_PARQUET(ERROR, "The Parquet file is damaged or cut off; what could be read before the damage was checked."),
    DAMAGED_ARCHIVE(ERROR, "The archive is damaged or cut off; what could be read before the damage was checked."),
    ARCHIVE_BOMB(ERROR, "The archive holds far more than any archive of images; it was not unpacked."),
    TOO_MANY_FILES(ERROR, "The archives hold too many files."),
    NO_FILES(ERROR, "There are no images in the archive."),
    NO_CLASS_FOLDERS(
            ERROR,
            "The images lie in no folders that could be their labels; make a folder a label, or add a table of file and label."),
    UNTERMINATED_QUOTE(
            ERROR,
            "A quotation mark is opened in this row and never closed, so that the rest of the file cannot be read."),
    DUPLICATE_COLUMN(ERROR, "Two columns have the same name; every column needs a name of its own."),
    COLUMNS_DIFFER(ERROR, "The files do not have the same columns."),
    UNKNOWN_COLUMN(ERROR, "The mapping names a column that the files do not have."),
    MISSING_COLUMN(ERROR, "The mapping has to say which column to use."),
    COLUMN_USED_TWICE(ERROR, "One column cannot play two parts."),
    UNKNOWN_ROLE(ERROR, "The mapping names a part that this task does not know."),

    WRONG_COLUMN_COUNT(
            ROWS_LEFT_OUT,
            "{rows} {have} more or fewer columns than the header and {are} left out; often a quotation mark is missing."),
    OVERSIZED_ROW(ROWS_LEFT_OUT, "{rows} {are} longer than 4 million characters and {are} left out."),
    UNDECODABLE_BYTES(
            ROWS_LEFT_OUT, "{rows} {have} bytes that are no characters in the file's encoding and {are} left out."),
    NUL_BYTE(ROWS_LEFT_OUT, "{rows} {have} a NUL character in a column that is used and {are} left out."),
    MALFORMED_JSON(ROWS_LEFT_OUT, "{rows} {are} not valid JSON, perhaps cut off, and {are} left out."),
    NOT_AN_OBJECT(ROWS_LEFT_OUT, "{rows} {are} valid JSON but no object in braces and {are} left out."),
    NESTED_VALUE(
            ROWS_LEFT_OUT,
            "{rows} {have} a list, an object or binary data where a text or number belongs and {are} left out."),
    NESTED_ATTRIBUTE(
            WARNING,
            "{cells} {hold} an object, binary data or a list of more than words where a text or number belongs, and {count} as empty; write several categories as a list of words, or with | between."),
    UNKNOWN_SPLIT(
            ROWS_LEFT_OUT,
            "{rows} {have} a word in the split column that is none of train, validation or test and {are} left out."),
    MISSING_LABEL(ROWS_LEFT_OUT, "{rows} {have} no label and {are} left out."),
    EMPTY_TEXT(ROWS_LEFT_OUT, "{rows} {have} no text and {are} left out."),
    MISSING_IMAGE(ROWS_LEFT_OUT, "{rows} {have} no image and {are} left out."),
    IMAGE_NOT_FOUND(
            ROWS_LEFT_OUT,
            "{rows} {name} an image that is not in the archives, or that several files could be, and {are} left out."),
    NOT_AN_IMAGE(ROWS_LEFT_OUT, "{files} {are} no image in JPEG, PNG, GIF, BMP, WebP or PNM and {are} left out."),
    DAMAGED_IMAGE(ROWS_LEFT_OUT, "{files} {are} cut off or damaged and {are} left out."),
    IMAGE_TOO_LARGE(
            ROWS_LEFT_OUT,
            "{files} {have} more than 32 MiB or more than 50 million pixels (WebP: 4 million) and {are} left out."),
    IMAGE_TOO_SMALL(ROWS_LEFT_OUT, "{files} {have} fewer than 4 pixels a side and {are} left out."),
    UNSAFE_NAME(
            ROWS_LEFT_OUT,
            "{files} {have} a name that leads out of the archive, or that no file should have, and {are} left out."),
    NOT_A_FILE(ROWS_LEFT_OUT, "{entries} of the archive {are} a link or a device, and no file, and {are} left out."),
    DUPLICATE_NAME(ROWS_LEFT_OUT, "{files} {have} the name of another one in the same archive and {are} left out."),
    TRAIN_ROW_IN_TEST(
            ROWS_LEFT_OUT,
            "{rows} of the training or validation data also {stand} in the test data and {are} left out of training."),
    TRAIN_ROW_IN_VALIDATION(
            ROWS_LEFT_OUT,
            "{rows} of the training data also {stand} in the validation data and {are} left out of training."),
    CONFLICTING_LABELS(
            ROWS_LEFT_OUT,
            "{rows} {have} a text that stands there with two different labels; all of them are left out."),
    DUPLICATE_ROW(ROWS_LEFT_OUT, "{rows} {repeat} an earlier row and {are} left out; the first one is kept."),
    RARE_CLASS(
            ROWS_LEFT_OUT,
            "{rows} {belong} to a label with fewer than 3 usable rows and {are} left out; collect more rows of that label."),

    EQUAL_ROWS(
            WARNING,
            "{rows} of the table {equal} an earlier row; all are kept, and equal rows land in the same split."),
    AMBIGUOUS_ROWS(WARNING, "{rows} of the table {have} the same features as a row with another label; all are kept."),
    DUPLICATE_TEST_ROW(WARNING, "{rows} of the test data {repeat} an earlier one; your test data is kept as it is."),
    CONFLICTING_TEST_LABELS(
            WARNING,
            "{rows} of the test data {have} the same input as another row and a different label; your test data is kept as it is."),
    LABEL_SPELLING(
            WARNING,
            "{rows} of the validation or test data {spell} a label differently from the training data; they were taken as the same label."),
    LABEL_NOT_IN_TRAIN(
            WARNING,
            "{rows} of the validation or test data {have} a label that no training row has; the model cannot get them right."),
    MISSING_SPLIT(WARNING, "{rows} {say} no split; they are shared out like rows of a file without a split column."),
    NOT_A_NUMBER(
            WARNING,
            "{cells} {are} no number in columns that are numbers otherwise; a training treats them as missing."),
    UNEXPECTED_FIELD(WARNING, "{rows} {have} a field that the first 10,000 rows do not have; it is ignored."),
    EXTRA_COLUMN(WARNING, "A file has columns that the other files do not have; they are ignored."),
    TRUNCATED_TEXT(
            WARNING,
            "{rows} {have} a text longer than about 128 tokens; by default a training reads only its beginning. Counted by an estimate from words and characters."),
    WRONG_EXTENSION(
            WARNING, "{files} {are} of another format than the name says; the content counts, and all are used."),
    ANIMATED_IMAGE(WARNING, "{files} {hold} several images; the first one is used."),
    IGNORED_FILE(WARNING, "{files} of the archive {are} no image and {are} not looked at."),
    UNUSED_IMAGE(WARNING, "{files} of the archives {are} named by no row of the table and {are} not used."),
    FEW_ROWS(WARNING, "There are fewer than 50 usable rows; expect a weak model."),

    NO_TRAINING_ROWS(ERROR, "No usable row is left to train on: every row belongs to validation or test."),
    NO_VALIDATION_ROWS(
            ERROR, "No usable row is left for validation; give some, or label rows of more different inputs."),
    NO_TEST_ROWS(ERROR, "No usable row is left for the test; give some, or label rows of more different inputs."),
    TOO_FEW_ROWS(ERROR, "Fewer than 10 usable rows are left; a training needs at least 10."),
    ONE_CLASS(ERROR, "The usable training rows have fewer than two labels; there is nothing to tell apart."),
    TOO_MANY_CLASSES(
            ERROR,
            "There are more than 1,000 different labels; perhaps the label column is the wrong one, or holds numbers to predict."),
    LABELS_OF_TEST_DIFFER(
            ERROR,
            "Most rows of the validation or test data have labels that no training row has; write the labels alike in all files.");

    private final Severity severity;
    private final String template;

    IssueCode(Severity severity, String template) {
        this.severity = severity;
        this.template = template;
    }

    /** The published spelling: kebab-case. */
    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Severity severity() {
        return severity;
    }

    String message(long count) {
        return message(template, count);
    }

    /** Fills in the words in braces. */
    static String message(String template, long count) {
        boolean one = count == 1;
        return template.replace("{rows}", String.format(Locale.ROOT, one ? "%,d row" : "%,d rows", count))
                .replace("{cells}", String.format(Locale.ROOT, one ? "%,d cell" : "%,d cells", count))
                .replace("{files}", String.format(Locale.ROOT, one ? "%,d file" : "%,d files", count))
                .replace("{entries}", String.format(Locale.ROOT, one ? "%,d entry" : "%,d entries", count))
                .replace("{are}", one ? "is" : "are")
                .replace("{have}", one ? "has" : "have")
                .replaceAll("\\{(\\w+)}", one ? "$1s" : "$1");
    }

    static Optional<IssueCode> find(String code) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.code().equals(code))
                .findFirst();
    }
}
