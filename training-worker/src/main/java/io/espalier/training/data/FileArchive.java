package io.espalier.training.data;

import io.espalier.contracts.dataset.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An archive of files in folders, already unpacked: a row a file, whose label is the folder that it lies in. A folder above that
 * one may say the split.
 *
 * @param files names in the archive, in its order
 * @param hasSplits whether any folder says one
 */
record FileArchive(String format, List<String> files, boolean hasSplits) implements DataFile {
    static final String FILE_COLUMN = "image";
    private static final String LABEL_COLUMN = "label";
    private static final String SPLIT_COLUMN = "split";
    private static final int SAMPLE_ROWS = 1000;

    static FileArchive of(String format, List<String> files) {
        return new FileArchive(
                format,
                List.copyOf(files),
                files.stream().anyMatch(file -> Folders.of(file).split() != null));
    }

    /** Whether folders say anything but the split, so that they can be labels. */
    boolean hasLabels() {
        return files.stream().map(Folders::of).anyMatch(folders -> folders.label() != null);
    }

    /** What the folders of a file say. */
    private record Folders(@Nullable String label, @Nullable String split) {
        static Folders of(String file) {
            String[] folders = file.split("/");
            String label = folders.length < 2 ? null : folders[folders.length - 2];
            String split = null;
            for (int i = 0; i < folders.length - 2 && split == null; i++) {
                split = Split.parse(folders[i]).isPresent() ? folders[i] : null;
            }
            boolean onlySplit =
                    split == null && label != null && Split.parse(label).isPresent();
            return onlySplit ? new Folders(null, label) : new Folders(label, split);
        }
    }

    @Override
    public boolean header() {
        return false;
    }

    @Override
    public List<String> columns() {
        return hasSplits ? List.of(FILE_COLUMN, LABEL_COLUMN, SPLIT_COLUMN) : List.of(FILE_COLUMN, LABEL_COLUMN);
    }

    @Override
    public List<List<@Nullable String>> sample() {
        return files.stream().limit(SAMPLE_ROWS).map(this::cells).toList();
    }

    @Override
    public void read(Reader reader) {
        long number = 0;
        for (String file : files) {
            reader.row(++number, cells(file), Map.of());
        }
    }

    private List<@Nullable String> cells(String file) {
        Folders folders = Folders.of(file);
        List<@Nullable String> cells = new ArrayList<>();
        cells.add(file);
        cells.add(folders.label());
        if (hasSplits) {
            cells.add(folders.split());
        }
        return cells;
    }
}
