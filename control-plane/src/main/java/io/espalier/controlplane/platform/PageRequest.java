package io.espalier.controlplane.platform;

import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * Which part of a list is wanted; read from {@code limit} and {@code cursor} by {@link PageRequestResolver}.
 *
 * @param before only what is older than this id
 * @param limit from 1 to {@value #MAX_LIMIT}
 */
public record PageRequest(UUID before, int limit) {
    public static final int DEFAULT_LIMIT = 50;
    public static final int MAX_LIMIT = 200;

    public boolean isFirst() {
        return before.equals(Ids.LAST);
    }

    /** @param found one row more than the limit, where there are as many: its presence says that another page follows */
    public <R, T> Page<T> of(List<R> found, Function<R, UUID> id, Function<R, T> response) {
        boolean more = found.size() > limit;
        List<R> shown = more ? found.subList(0, limit) : found;
        return new Page<>(
                shown.stream().map(response).toList(), more ? Cursors.write(id.apply(shown.getLast())) : null);
    }
}
