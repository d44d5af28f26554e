package io.espalier.inference.batch;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.Predictor.Prepared;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What waits for one model. Everything but the predictor is guarded by the scheduler's lock. */
public final class ModelQueue {
    /**
     * How much longer than the shortest input of a batch its longest may be, as a share: padding is computed and thrown
     * away. Inputs up to {@link #ALWAYS_ALIKE} apart are alike whatever the share.
     */
    private static final double MOST_PADDING = 0.15;

    private static final int ALWAYS_ALIKE = 2;

    final Predictor predictor;
    private final BatchScheduler scheduler;
    private final int capacityInputs;
    /** By length, so that a batch of like lengths is found without a search. */
    private final TreeMap<Integer, ArrayDeque<Waiting>> waiting = new TreeMap<>();

    private int size;
    private long arrivals;

    ModelQueue(Predictor predictor, BatchScheduler scheduler, int capacityInputs) {
        this.predictor = predictor;
        this.scheduler = scheduler;
        this.capacityInputs = capacityInputs;
    }

    /** One input of a submission. */
    record Waiting(Submission submission, int index, long arrival) {
        Prepared input() {
            return submission.inputs.get(index);
        }
    }

    /**
     * Queues the inputs of one request; they may be predicted in different batches. Returns at once.
     *
     * @return completes when all are predicted, or with what went wrong
     * @throws ProblemException OVERLOADED if the queue has no room for all of them; none is queued then
     */
    public Submission submit(List<Prepared> inputs) {
        return scheduler.submit(this, inputs);
    }

    void add(Submission submission) {
        int count = submission.inputs.size();
        if (size > 0 && size + count > capacityInputs) {
            throw new ProblemException(
                    ProblemType.OVERLOADED, "The queue of this model is full; try again in a moment.");
        }
        for (int i = 0; i < count; i++) {
            waiting.computeIfAbsent(submission.inputs.get(i).length(), _ -> new ArrayDeque<>())
                    .add(new Waiting(submission, i, arrivals++));
        }
        size += count;
    }

    int size() {
        return size;
    }

    /**
     * Takes the input that waits longest and those of like length, the most alike first.
     *
     * @param most at least 1
     */
    List<Waiting> take(int most) {
        List<Waiting> batch = new ArrayList<>(most);
        Integer oldest = lengthOfOldest();
        if (oldest == null) {
            return batch;
        }
        drain(oldest, most, batch);
        int shortest = oldest;
        int longest = oldest;
        while (batch.size() < most) {
            Map.Entry<Integer, ArrayDeque<Waiting>> below = waiting.lowerEntry(shortest);
            Map.Entry<Integer, ArrayDeque<Waiting>> above = waiting.higherEntry(longest);
            Integer next = closest(below, above, shortest, longest);
            if (next == null) {
                break;
            }
            shortest = Math.min(shortest, next);
            longest = Math.max(longest, next);
            drain(next, most, batch);
        }
        size -= batch.size();
        return batch;
    }

    private static @Nullable Integer closest(
            Map.@Nullable Entry<Integer, ArrayDeque<Waiting>> below,
            Map.@Nullable Entry<Integer, ArrayDeque<Waiting>> above,
            int shortest,
            int longest) {
        Integer down = below != null && alike(below.getKey(), longest) ? below.getKey() : null;
        Integer up = above != null && alike(shortest, above.getKey()) ? above.getKey() : null;
        if (down == null || up == null) {
            return down == null ? up : down;
        }
        return shortest - down <= up - longest ? down : up;
    }

    private static boolean alike(int shortest, int longest) {
        return longest - shortest <= Math.max(ALWAYS_ALIKE, MOST_PADDING * shortest);
    }

    private @Nullable Integer lengthOfOldest() {
        Integer length = null;
        long arrival = Long.MAX_VALUE;
        for (Iterator<Map.Entry<Integer, ArrayDeque<Waiting>>> entries =
                        waiting.entrySet().iterator();
                entries.hasNext(); ) {
            var entry = entries.next();
            dropCancelled(entry.getValue());
            Waiting first = entry.getValue().peek();
            if (first == null) {
                entries.remove();
            } else if (first.arrival() < arrival) {
                arrival = first.arrival();
                length = entry.getKey();
            }
        }
        return length;
    }

    private void drain(int length, int most, List<Waiting> batch) {
        ArrayDeque<Waiting> inputs = waiting.get(length);
        while (inputs != null && batch.size() < most) {
            dropCancelled(inputs);
            Waiting next = inputs.poll();
            if (next == null) {
                waiting.remove(length);
                return;
            }
            batch.add(next);
        }
        if (inputs != null && inputs.isEmpty()) {
            waiting.remove(length);
        }
    }

    /** From the front only: those further back are dropped when they come to it. */
    private void dropCancelled(ArrayDeque<Waiting> inputs) {
        for (Waiting first = inputs.peek(); first != null && first.submission().isDone(); first = inputs.peek()) {
            inputs.poll();
            size--;
        }
    }
}
