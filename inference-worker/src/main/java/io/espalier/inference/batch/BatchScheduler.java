package io.espalier.inference.batch;

import io.espalier.inference.batch.ModelQueue.Waiting;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.Predictor.Prepared;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that predict, for all models. Each takes what is there as soon as it is idle and never waits for a batch to
 * fill: under load batches form by themselves, without load nobody waits. A batch that has the machine to itself may use
 * more threads. Models take turns, so that a flood on one does not
 * starve the others. Thread-safe.
 */
public final class BatchScheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchScheduler.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    /** Models with something waiting, each once; the first is next. */
    private final ArrayDeque<ModelQueue> turns = new ArrayDeque<>();

    private final List<Thread> threads = new ArrayList<>();
    private final DistributionSummary batchSizes;
    private final Timer batchTimes;
    private int queued;
    private int busyThreads;
    private boolean closed;

    public BatchScheduler(int threads, MeterRegistry meters) {
        this.batchSizes = DistributionSummary.builder("espalier.inference.batch.size")
                .description("Inputs of a batch")
                .serviceLevelObjectives(1, 2, 4, 8, 16)
                .register(meters);
        this.batchTimes = Timer.builder("espalier.inference.batch.duration")
                .description("Time in the model, by batch")
                .publishPercentileHistogram()
                .register(meters);
        Gauge.builder("espalier.inference.queue.inputs", this, scheduler -> scheduler.queued)
                .description("Inputs that wait for a thread")
                .register(meters);
        for (int i = 0; i < threads; i++) {
            // Daemons: where the rest of the worker cannot start, they do not keep the process alive.
            this.threads.add(Thread.ofPlatform().name("predict-" + i).daemon().start(this::predictUntilClosed));
        }
    }

    /** How many batches run at once. */
    public int threads() {
        return threads.size();
    }

    /** @param capacityInputs how many inputs may wait for this model */
    public ModelQueue queue(Predictor predictor, int capacityInputs) {
        return new ModelQueue(predictor, this, capacityInputs);
    }

    Submission submit(ModelQueue queue, List<Prepared> inputs) {
        Submission submission = new Submission(inputs);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The worker is shutting down");
            }
            boolean idle = queue.size() == 0;
            queue.add(submission);
            queued += inputs.size();
            if (idle) {
                turns.add(queue);
            }
            for (int i = 0; i < Math.min(inputs.size(), threads.size()); i++) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
        return submission;
    }

    private void predictUntilClosed() {
        while (true) {
            List<Waiting> batch;
            ModelQueue queue;
            boolean alone;
            lock.lock();
            try {
                while (turns.isEmpty() && !closed) {
                    work.awaitUninterruptibly();
                }
                queue = turns.poll();
                if (queue == null) {
                    return;
                }
                batch = take(queue);
                if (queue.size() > 0) {
                    turns.add(queue);
                }
                alone = busyThreads++ == 0 && queued == 0;
            } finally {
                lock.unlock();
            }
            predict(queue.predictor, batch, alone);
            lock.lock();
            try {
                busyThreads--;
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Shares what waits among the threads that are idle: one that took it all would leave the others so, and one that left some
     * for those at work would make small batches.
     *
     * @return empty where nobody waits for any of it any more
     */
    private List<Waiting> take(ModelQueue queue) {
        int before = queue.size();
        int share = Math.ceilDiv(before, threads.size() - busyThreads);
        List<Waiting> batch = queue.take(Math.clamp(share, 1, Predictor.MAX_BATCH));
        queued -= before - queue.size();
        // Cancelled since they were taken: their model may be gone.
        batch.removeIf(waiting -> !waiting.submission().start());
        return batch;
    }

    private void predict(Predictor predictor, List<Waiting> batch, boolean alone) {
        if (batch.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        try {
            answer(predictor, batch, alone);
        } finally {
            batch.forEach(waiting -> waiting.submission().end());
            batchSizes.record(batch.size());
            batchTimes.record(System.nanoTime() - start, java.util.concurrent.TimeUnit.NANOSECONDS);
        }
    }

    private static void answer(Predictor predictor, List<Waiting> batch, boolean alone) {
        List<? extends Answer> answers;
        try {
            List<Prepared> inputs = batch.stream().map(Waiting::input).toList();
            answers = alone ? predictor.predictAlone(inputs) : predictor.predict(inputs);
        } catch (RuntimeException | Error e) {
            LOG.error("A batch of {} could not be predicted", batch.size(), e);
            if (batch.size() == 1) {
                batch.getFirst().submission().completeExceptionally(e);
            } else {
                // One input that fails does not fail those that happened to be beside it.
                batch.stream()
                        .filter(waiting -> !waiting.submission().isDone())
                        .forEach(waiting -> answer(predictor, List.of(waiting), false));
            }
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).submission().finish(batch.get(i).index(), answers.get(i));
        }
    }

    /** Lets the threads finish what waits, and end. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
