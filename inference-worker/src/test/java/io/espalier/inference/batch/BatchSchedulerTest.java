package io.espalier.inference.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.Predictor.Prepared;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

@Timeout(20)
class BatchSchedulerTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BatchScheduler scheduler = new BatchScheduler(1, meters);
    private final GatedPredictor predictor = new GatedPredictor();
    private final ModelQueue queue = scheduler.queue(predictor, 20);

    @AfterEach
    void close() {
        predictor.gate.release(1000);
        scheduler.close();
    }

    @Test
    void answersInTheOrderOfTheInputsHoweverTheyAreBatched() throws Exception {
        predictor.gate.release(100);

        Submission submission = queue.submit(inputs(90, 3, 41, 3, 90, 4));

        assertThat(submission.get(5, TimeUnit.SECONDS))
                .extracting(answer -> ((Length) answer).length())
                .containsExactly(90, 3, 41, 3, 90, 4);
    }

    @Test
    void predictsALoneInputAtOnce() throws Exception {
        predictor.gate.release(1);

        assertThat(queue.submit(inputs(7)).get(1, TimeUnit.SECONDS)).hasSize(1);
        assertThat(predictor.batches).containsExactly(List.of(7));
    }

    @Nested
    class WhileTheThreadIsBusy {
        @Test
        void formsBatchesOfLikeLengthBeginningWithTheOldest() throws Exception {
            occupyThread();

            Submission submission = queue.submit(inputs(40, 10, 100, 11, 9, 44, 60));
            predictor.gate.release(100);
            submission.get(5, TimeUnit.SECONDS);

            // 44 pads 40 by a tenth, 60 would by half; each batch begins with what waits longest.
            assertThat(predictor.batches.subList(1, predictor.batches.size()))
                    .containsExactly(List.of(40, 44), List.of(10, 9, 11), List.of(100), List.of(60));
        }

        @Test
        void cutsBatchesAtTheLargestSize() throws Exception {
            occupyThread();

            Submission submission =
                    queue.submit(inputs(Collections.nCopies(18, 5).toArray(Integer[]::new)));
            predictor.gate.release(100);
            submission.get(5, TimeUnit.SECONDS);

            assertThat(predictor.batches).extracting(List::size).containsExactly(1, 16, 2);
        }

        @Test
        void refusesWhatTheQueueHasNoRoomForAsAWhole() throws Exception {
            occupyThread();
            queue.submit(inputs(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));

            assertThatThrownBy(() -> queue.submit(inputs(1, 1, 1)))
                    .isInstanceOfSatisfying(
                            ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.OVERLOADED));
            assertThat(meters.get("espalier.inference.queue.inputs").gauge().value())
                    .isEqualTo(18);
            assertThat(queue.submit(inputs(1, 1))).isNotNull();
        }

        @Test
        void takesARequestLargerThanTheQueueWhenNothingWaits() {
            predictor.gate.release(1000);

            assertThat(queue.submit(inputs(Collections.nCopies(100, 5).toArray(Integer[]::new))))
                    .succeedsWithin(Duration.ofSeconds(5));
        }

        @Test
        void letsModelsTakeTurns() throws Exception {
            GatedPredictor other = new GatedPredictor();
            other.gate.release(100);
            occupyThread();
            Submission flood = queue.submit(inputs(Collections.nCopies(20, 5).toArray(Integer[]::new)));
            Submission small = scheduler.queue(other, 20).submit(inputs(3));

            // The one that runs, and the first batch of the flood.
            predictor.gate.release(2);

            assertThat(small).succeedsWithin(Duration.ofSeconds(5));
            assertThat(flood).isNotDone();
        }

        @Test
        void doesNotPredictWhatNobodyWaitsForAnyMore() throws Exception {
            occupyThread();
            Submission left = queue.submit(inputs(5, 5));
            Submission stays = queue.submit(inputs(5));

            left.cancel(false);
            predictor.gate.release(100);
            stays.get(5, TimeUnit.SECONDS);

            assertThat(predictor.batches.getLast()).containsExactly(5);
            assertThat(left.released()).isCompleted();
            assertThat(meters.get("espalier.inference.queue.inputs").gauge().value())
                    .isZero();
        }

        @Test
        void failsOnlyTheInputOfABatchThatCannotBePredicted() throws Exception {
            occupyThread();
            Submission bad = queue.submit(inputs(5, 6));
            Submission good = queue.submit(inputs(5, 5));
            predictor.failing = batch -> batch.contains(6);

            predictor.gate.release(100);

            assertThat(good.get(5, TimeUnit.SECONDS)).hasSize(2);
            assertThatThrownBy(() -> bad.get(5, TimeUnit.SECONDS)).hasMessageContaining("broken");
            assertThat(bad.released()).succeedsWithin(Duration.ofSeconds(5));
        }

        @Test
        void holdsTheModelUntilARunningBatchOfACancelledRequestIsThrough() throws Exception {
            Submission running = occupyThread();

            running.cancel(false);

            assertThat(running.released()).isNotDone();
            predictor.gate.release(1);
            assertThat(running.released()).succeedsWithin(Duration.ofSeconds(5));
        }

        private Submission occupyThread() throws InterruptedException {
            Submission first = queue.submit(inputs(1));
            assertThat(predictor.entered.await(5, TimeUnit.SECONDS)).isTrue();
            return first;
        }
    }

    @Test
    void survivesAModelThatThrows() throws Exception {
        predictor.failing = _ -> true;
        predictor.gate.release(2);
        Submission broken = queue.submit(inputs(1));
        assertThatThrownBy(() -> broken.get(5, TimeUnit.SECONDS)).hasMessageContaining("broken");
        predictor.failing = _ -> false;

        assertThat(queue.submit(inputs(2)).get(5, TimeUnit.SECONDS)).hasSize(1);
        assertThat(broken.released()).isCompleted();
    }

    @Test
    void doesNotStartWhatWasCancelledAfterItWasTaken() {
        Submission submission = new Submission(inputs(1));

        submission.cancel(false);

        assertThat(submission.released()).isCompleted();
        assertThat(submission.start()).isFalse();
    }

    @Test
    void saysWhetherABatchHasTheMachineToItself() {
        try (var two = new BatchScheduler(2, new SimpleMeterRegistry())) {
            ModelQueue shared = two.queue(predictor, 20);
            var submission = shared.submit(inputs(1));
            await(() -> predictor.alone.equals(List.of(1)));

            var beside = shared.submit(inputs(2));
            await(() -> predictor.batches.size() == 2);
            predictor.gate.release(2);
            submission.join();
            beside.join();

            assertThat(predictor.alone).containsExactly(1);
        }
    }

    @Test
    void sharesWhatWaitsAmongThreadsThatAreIdle() {
        try (var two = new BatchScheduler(2, new SimpleMeterRegistry())) {
            ModelQueue shared = two.queue(predictor, 20);

            var first = shared.submit(inputs(3, 3, 3, 3));
            await(() -> predictor.batches.size() >= 2);
            predictor.gate.release(1);
            var second = shared.submit(inputs(4, 4, 4));
            await(() -> predictor.batches.size() >= 3);
            // Enough for any number of batches: what is shared wrongly must fail, and not wait forever.
            predictor.gate.release(7);
            first.join();
            second.join();

            assertThat(predictor.batches).containsExactly(List.of(3, 3), List.of(3, 3), List.of(4, 4, 4));
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static List<Prepared> inputs(Integer... lengths) {
        return Arrays.stream(lengths).map(Length::new).map(Prepared.class::cast).toList();
    }

    /** An input, which is its own answer. */
    private record Length(int length) implements Prepared, Answer {
        @Override
        public void write(JsonGenerator json) {
            json.writeNumber(length);
        }
    }

    /** Answers each input with its length, a batch a permit, and remembers the batches. */
    private static final class GatedPredictor implements Predictor {
        private final Semaphore gate = new Semaphore(0);
        private final CountDownLatch entered = new CountDownLatch(1);
        private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();
        /** Lengths of the inputs that were alone. */
        private final List<Integer> alone = new CopyOnWriteArrayList<>();

        private volatile Predicate<List<Integer>> failing = _ -> false;

        @Override
        public Prepared prepare(JsonNode input, Parameters parameters, String path) {
            return new Length(input.intValue());
        }

        @Override
        public List<Length> predict(List<? extends Prepared> batch) {
            List<Integer> lengths = batch.stream().map(Prepared::length).toList();
            batches.add(lengths);
            entered.countDown();
            gate.acquireUninterruptibly();
            if (failing.test(lengths)) {
                throw new IllegalStateException("broken");
            }
            return batch.stream().map(Length.class::cast).toList();
        }

        @Override
        public List<Length> predictAlone(List<? extends Prepared> batch) {
            batch.forEach(input -> alone.add(input.length()));
            return predict(batch);
        }

        @Override
        public List<Prepared> samples() {
            return List.of(new Length(1));
        }

        @Override
        public void close() {}
    }
}
