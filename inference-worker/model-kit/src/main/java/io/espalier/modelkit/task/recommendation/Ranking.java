package io.espalier.modelkit.task.recommendation;

import java.util.Arrays;
import java.util.PriorityQueue;

/** The best few of many scores. */
final class Ranking {
    private Ranking() {}

    private record Scored(int item, float score) implements Comparable<Scored> {
        /** The worst first: the lower score, of equal ones the later item. */
        @Override
        public int compareTo(Scored other) {
            int byScore = Float.compare(score, other.score);
            return byScore != 0 ? byScore : Integer.compare(other.item, item);
        }
    }

    /**
     * @param scores by item; those that are negative infinity are left out
     * @return items, the best first, equal ones in their order
     */
    static int[] best(float[] scores, int most) {
        PriorityQueue<Scored> kept = new PriorityQueue<>();
        float worst = Float.NEGATIVE_INFINITY;
        for (int item = 0; item < scores.length; item++) {
            // Of equal scores the earlier item stays.
            if (scores[item] > worst) {
                kept.add(new Scored(item, scores[item]));
                if (kept.size() > most) {
                    kept.poll();
                }
                if (kept.size() == most) {
                    worst = kept.element().score();
                }
            }
        }
        Scored[] sorted = kept.toArray(Scored[]::new);
        Arrays.sort(sorted, (a, b) -> b.compareTo(a));
        return Arrays.stream(sorted).mapToInt(Scored::item).toArray();
    }
}
