package io.espalier.training.task.recommendation;

/** How many users have two items: a row of the Gram matrix of users by items, at a time. Takes as much memory as the interactions. Thread-safe. */
final class CoOccurrences {
    private final Interactions byUser;
    private final Interactions byItem;

    CoOccurrences(Interactions interactions) {
        this.byUser = interactions;
        this.byItem = interactions.transposed();
    }

    /**
     * Adds the row of an item, the users of the item itself on the diagonal.
     *
     * @param row zero where the row is to stand
     * @param from where the row begins
     */
    void of(int item, float[] row, int from) {
        int[] items = byUser.items();
        for (int i = byItem.offsets()[item]; i < byItem.offsets()[item + 1]; i++) {
            int user = byItem.items()[i];
            int end = byUser.offsets()[user + 1];
            for (int j = byUser.offsets()[user]; j < end; j++) {
                row[from + items[j]]++;
            }
        }
    }

    /**
     * Adds the row of an item, and tells where it is not zero.
     *
     * @param row zero
     * @param found gets the items, in no order
     * @return how many
     */
    int of(int item, float[] row, int[] found) {
        int[] items = byUser.items();
        int size = 0;
        for (int i = byItem.offsets()[item]; i < byItem.offsets()[item + 1]; i++) {
            int user = byItem.items()[i];
            int end = byUser.offsets()[user + 1];
            for (int j = byUser.offsets()[user]; j < end; j++) {
                if (row[items[j]]++ == 0) {
                    found[size++] = items[j];
                }
            }
        }
        return size;
    }
}
