package io.espalier.modelkit.task;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What has happened to one product since its models were trained, in the form in which they look at it. All models of the product
 * share it, those that are loaded later too. One thread adds and forgets; any number read meanwhile and never wait.
 */
public interface RecentEvents {
    /**
     * Takes one more event. Of an event that comes again nothing is counted twice.
     *
     * @param sequence its number, larger than those before; smaller where the product's past is another one now
     * @param kind as the task's descriptor has it; of one that is not known nothing is kept
     * @param event in the form that the kind's reader gave it
     */
    void add(long sequence, String kind, JsonNode event);

    /** How many events are kept, where a large one may count as several. */
    int size();

    /**
     * What answers that begin from now on do not follow yet, though it was added: of each kind of which there is such the number of the
     * first. Where more than the addition itself is needed, that happens on other threads.
     */
    default Map<String, Long> pending() {
        return Map.of();
    }

    /** @param listener called on any thread when less is {@link #pending}; the only one there is */
    default void onFollowed(Runnable listener) {}

    /** Forgets what has been left alone for the longest time. */
    void shrink(int most);
}
