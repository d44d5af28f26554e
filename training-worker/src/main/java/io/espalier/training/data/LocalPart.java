package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.DatasetReport.Place;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A part on this machine.
 *
 * @param path null where the object does not exist
 * @param numbered whether its rows have numbers that a user can look up, as a table's do and the files of an archive do not
 */
public record LocalPart(DatasetPart part, @Nullable Path path, ByteCensus census, boolean numbered) {
    LocalPart(DatasetPart part, @Nullable Path path, ByteCensus census) {
        this(part, path, census, true);
    }

    LocalPart withoutNumbers() {
        return new LocalPart(part, path, census, false);
    }

    String name() {
        return part.name();
    }

    /** @param row null for the whole part */
    public Place place(@Nullable Long row, @Nullable String column, @Nullable String value) {
        return new Place(name(), numbered ? row : null, column, value);
    }
}
