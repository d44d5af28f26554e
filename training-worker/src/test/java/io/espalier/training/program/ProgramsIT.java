package io.espalier.training.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.training.fixture.Bars;
import io.espalier.training.fixture.Tables;
import io.espalier.training.fixture.TinyEncoder;
import io.espalier.training.program.Network.StepResult;
import io.espalier.training.task.Examples.HostTensor;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.imageclassification.ImageClassificationTask;
import io.espalier.training.task.tabularclassification.TabularClassificationTask;
import io.espalier.training.task.textclassification.TextClassificationTask;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a step of each program does, on networks of a few thousand weights without dropout. */
class ProgramsIT {
    @TempDir
    Path folder;

    private enum Kind {
        TEXT("weightDecay", 1e-3, 0.1, 1),
        TABLE("l2", 1e-3, 0.1, 1),
        IMAGE("weightDecay", 0.02, 1, 1.9);

        private final String decay;
        /** With which a batch is soon learned. */
        private final double rate;
        /** Of a gradient that the first moments hold after the first step. */
        private final double momentShare;

        /** What a decay comes to in one step: Nesterov's momentum takes it along. */
        private final double decayed;

        Kind(String decay, double rate, double momentShare, double decayed) {
            this.decay = decay;
            this.rate = rate;
            this.momentShare = momentShare;
            this.decayed = decayed;
        }
    }

    private Trainable trainable(Kind kind, Map<String, Object> chosen) throws IOException {
        Map<String, Object> all = new HashMap<>(Map.of("dropout", 0.0, kind.decay, 0.0));
        all.putAll(chosen);
        return switch (kind) {
            case TEXT -> new TextClassificationTask().prepare(TinyEncoder.write(folder), new Hyperparameters(all), 1);
            case TABLE ->
                new TabularClassificationTask()
                        .prepare(Tables.write(folder, Tables.MIXED), new Hyperparameters(all), 1);
            case IMAGE -> {
                all.putIfAbsent("width", 4);
                all.putIfAbsent("imageSize", 16);
                yield new ImageClassificationTask().prepare(Bars.write(folder), new Hyperparameters(all), 1);
            }
        };
    }

    private static Network load(Trainable trainable) throws IOException {
        return Network.load(trainable.program(Precision.FP32), trainable.parameters(), Device.cpu());
    }

    private static List<HostTensor> batch(Trainable trainable) {
        return trainable.train().batch(IntStream.range(0, 16).toArray());
    }

    private static StepResult step(Network network, Trainable trainable, int number, double rate) {
        return network.step(batch(trainable), 1, number, rate, rate);
    }

    @ParameterizedTest
    @EnumSource
    void changeNothingAtRateZero(Kind kind) throws Exception {
        Trainable trainable = trainable(kind, Map.of(kind.decay, 0.5));
        try (Network network = load(trainable)) {
            Map<String, Tensor> before = learned(trainable, network);

            step(network, trainable, 1, 0);
            network.settle(1, 0);

            assertThat(learned(trainable, network)).isEqualTo(before);
        }
    }

    /** All weights but the statistics that a step writes down. */
    private static Map<String, Tensor> learned(Trainable trainable, Network network) {
        Map<String, Tensor> weights = new HashMap<>(network.weights());
        trainable.parameters().stream()
                .filter(parameter -> parameter.group() == Parameter.Group.BUFFERS)
                .forEach(parameter -> weights.remove(parameter.name()));
        return weights;
    }

    @ParameterizedTest
    @EnumSource
    void lowerTheLossOfARepeatedBatch(Kind kind) throws Exception {
        Trainable trainable = trainable(kind, Map.of());
        try (Network network = load(trainable)) {
            float first = step(network, trainable, 1, kind.rate).loss();
            float last = first;
            for (int number = 2; number <= 40; number++) {
                last = step(network, trainable, number, kind.rate).loss();
            }

            assertThat(last).isLessThan(0.9f * first);
        }
    }

    @ParameterizedTest
    @EnumSource
    void decayWeightsButNeitherBiasesNorNorms(Kind kind) throws Exception {
        double rate = 0.01;
        double decay = 0.5;
        Trainable kept = trainable(kind, Map.of());
        Trainable decaying = trainable(kind, Map.of(kind.decay, decay));
        Map<String, Tensor> expected = afterAStep(kept, rate);

        Map<String, Tensor> actual = afterAStep(decaying, rate);

        for (Parameter parameter : kept.parameters()) {
            float[] initial = parameter.initial().values();
            float[] without = expected.get(parameter.name()).values();
            float[] with = actual.get(parameter.name()).values();
            boolean decays = switch (parameter.group()) {
                case TABLE, BODY_WEIGHTS, HEAD_WEIGHTS -> true;
                case BODY_VECTORS, HEAD_VECTORS, BUFFERS -> false;
            };
            for (int i = 0; i < with.length; i++) {
                double lost = decays ? rate * decay * kind.decayed * initial[i] : 0;
                assertThat((double) without[i] - with[i]).as(parameter.name()).isCloseTo(lost, within(1e-6));
            }
        }
    }

    private static Map<String, Tensor> afterAStep(Trainable trainable, double rate) throws IOException {
        try (Network network = load(trainable)) {
            step(network, trainable, 1, rate);
            network.settle(1, rate);
            return network.weights();
        }
    }

    /** First moments are a share of the first gradients, after clipping: a tenth in AdamW. */
    @ParameterizedTest
    @EnumSource
    void clipTheGlobalNormOfTheGradients(Kind kind) throws Exception {
        Trainable clipped = trainable(kind, Map.of("maxGradientNorm", 0.01));
        Trainable free = trainable(kind, Map.of("maxGradientNorm", 1000.0));

        try (Network network = load(clipped)) {
            assertThat(step(network, clipped, 1, 0).gradientNorm()).isGreaterThan(0.1f);
            assertThat(norm(network.firstMoments()))
                    .isCloseTo(kind.momentShare * 0.01, within(1e-5 * kind.momentShare));
        }
        try (Network network = load(free)) {
            double norm = step(network, free, 1, 0).gradientNorm();
            assertThat(norm(network.firstMoments())).isCloseTo(kind.momentShare * norm, within(1e-5 * norm));
        }
    }

    private static double norm(Map<String, Tensor> tensors) {
        double sum = 0;
        for (Tensor tensor : tensors.values()) {
            for (float value : tensor.values()) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum);
    }

    /** Not of images: their norms make other logits in a step than outside of one. */
    @ParameterizedTest
    @EnumSource(names = {"TEXT", "TABLE"})
    void weighClassesAndSmoothLabelsInTheLoss(Kind kind) throws Exception {
        double smoothing = 0.2;
        Trainable trainable = trainable(kind, Map.of("labelSmoothing", smoothing, "classWeights", "balanced"));
        List<HostTensor> batch = batch(trainable);
        float[] classWeights = ((HostTensor.Floats) batch.get(batch.size() - 2)).values();
        assertThat(classWeights[0]).isNotEqualTo(classWeights[1]);

        try (Network network = load(trainable)) {
            float[][] logits = network.logits(batch);

            assertThat((double) step(network, trainable, 1, 0).loss())
                    .isCloseTo(loss(logits, batch, classWeights, smoothing), within(1e-5));
        }
    }

    /** As PyTorch defines CrossEntropyLoss: the mean is by the weights of the true classes. */
    private static double loss(float[][] logits, List<HostTensor> batch, float[] weights, double smoothing) {
        long[] truth = ((HostTensor.Longs) batch.getLast()).values();
        double hard = 0;
        double smooth = 0;
        double total = 0;
        for (int row = 0; row < logits.length; row++) {
            double sum = 0;
            for (float logit : logits[row]) {
                sum += Math.exp(logit);
            }
            for (int label = 0; label < weights.length; label++) {
                double surprise = weights[label] * (Math.log(sum) - logits[row][label]);
                hard += label == truth[row] ? surprise : 0;
                smooth += surprise / weights.length;
            }
            total += weights[(int) truth[row]];
        }
        return ((1 - smoothing) * hard + smoothing * smooth) / total;
    }

    /**
     * Of each tensor some values: what a step takes for their gradients is what the loss changes by as they change. A nudge may
     * carry some activations over the kink of a rectifier, so that the two differ by some percent.
     */
    @ParameterizedTest
    @EnumSource
    void knowTheGradients(Kind kind) throws Exception {
        double nudge = 2e-3;
        Trainable trainable = trainable(kind, Map.of("maxGradientNorm", 1000.0, "momentum", 0.9));
        Random random = new Random(1);
        try (Network network = load(trainable)) {
            step(network, trainable, 1, 0);
            Map<String, Tensor> moments = network.firstMoments();
            for (Parameter parameter : trainable.parameters()) {
                if (parameter.group() == Parameter.Group.BUFFERS) {
                    continue;
                }
                float[] gradient = moments.get(parameter.name()).values();
                for (int i = 0; i < 3; i++) {
                    int index = random.nextInt(gradient.length);
                    double more = lossWith(network, trainable, parameter, index, nudge);
                    double less = lossWith(network, trainable, parameter, index, -nudge);
                    double slope = (more - less) / (2 * nudge);
                    assertThat(gradient[index] / kind.momentShare)
                            .as("%s[%d]", parameter.name(), index)
                            .isCloseTo(slope, within(2e-3 + 0.1 * Math.abs(slope)));
                }
            }
        }
    }

    private static double lossWith(Network network, Trainable trainable, Parameter nudged, int index, double by) {
        network.reset(trainable.parameters().stream()
                .map(parameter -> {
                    if (!parameter.equals(nudged)) {
                        return parameter;
                    }
                    float[] values = parameter.initial().values().clone();
                    values[index] += (float) by;
                    return new Parameter(
                            parameter.name(),
                            parameter.group(),
                            Tensor.of(values, parameter.initial().shape()));
                })
                .toList());
        return step(network, trainable, 1, 0).loss();
    }

    @Test
    void addTheHiddenWeightsOfATableToTheLossByL1() throws Exception {
        double l1 = 0.1;
        Trainable plain = trainable(Kind.TABLE, Map.of());
        Trainable penalized = trainable(Kind.TABLE, Map.of("l1", l1));
        double sum = 0;
        for (Parameter parameter : plain.parameters()) {
            if (parameter.name().matches("hidden\\.\\d\\.weight")) {
                for (float value : parameter.initial().values()) {
                    sum += Math.abs(value);
                }
            }
        }

        try (Network one = load(plain);
                Network other = load(penalized)) {
            double difference = (double) step(other, penalized, 1, 0).loss()
                    - step(one, plain, 1, 0).loss();
            assertThat(difference).isCloseTo(l1 * sum, within(1e-4));
        }
    }
}
