package io.espalier.modelkit.task;

import tools.jackson.databind.JsonNode;

/**
 * What has happened to one product since its models were trained, in the form in which they look at it. All models of the product
 * share it, those that are loaded later too. One thread adds and forgets; any number read meanwhile and never wait.
 */
public interface RecentEvents {
    /**
     * Takes one more event. Of an event that comes again nothing is counted twice.
     *
     * @param kind as the task's descriptor has it; of one that is not known nothing is kept
     * @param event in the form that the kind's reader gave it
     */
    void add(String kind, JsonNode event);

    /** How many events are kept, where a large one may count as several. */
    int size();

    /**
     * Whether answers that begin from now on follow all that was added. Where more than the addition itself is needed, that happens on
     * other threads.
     */
    default boolean isFollowed() {
        return true;
    }

    /** @param listener called on any thread when {@link #isFollowed} may have become true after an addition; the only one there is */
    default void onFollowed(Runnable listener) {}

    /** Forgets what has been left alone for the longest time. */
    void shrink(int most);
}
