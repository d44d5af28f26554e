package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetPart;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A part on this machine.
 *
 * @param path null where the object does not exist
 */
record LocalPart(DatasetPart part, @Nullable Path path, ByteCensus census) {
    String name() {
        return part.name();
    }
}
