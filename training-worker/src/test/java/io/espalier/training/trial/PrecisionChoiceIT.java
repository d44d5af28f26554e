package io.espalier.training.trial;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.espalier.training.fixture.TinyEncoder;
import io.espalier.training.program.Network;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.textclassification.TextClassificationTask;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionChoiceIT {
    @Test
    void leavesTheNetworkAsNewToTheBit(@TempDir Path folder) throws Exception {
        Trainable trainable = new TextClassificationTask()
                .prepare(TinyEncoder.write(folder), new Hyperparameters(Map.of("batchSize", 16)), 1);

        Precision chosen;
        List<Map<String, Tensor>> after;
        try (Network network = Network.load(trainable.program(Precision.FP32), trainable.parameters(), Device.cpu())) {
            chosen = PrecisionChoice.byTiming(trainable, network);
            after = trained(network, trainable);
        }
        try (Network network = Network.load(trainable.program(chosen), trainable.parameters(), Device.cpu())) {
            assertThat(trained(network, trainable)).isEqualTo(after);
        }
    }

    private static List<Map<String, Tensor>> trained(Network network, Trainable trainable) {
        for (int number = 1; number <= 5; number++) {
            int from = number;
            network.step(
                    trainable.train().batch(IntStream.range(from, from + 8).toArray()), number, number, 1e-3, 1e-2);
        }
        return List.of(network.weights(), network.firstMoments(), network.secondMoments(), network.rowsSeen());
    }
}
