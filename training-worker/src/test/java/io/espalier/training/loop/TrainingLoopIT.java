package io.espalier.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.training.fixture.Tables;
import io.espalier.training.program.Network;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.tabularclassification.TabularClassificationTask;
import io.espalier.training.tune.Hyperparameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopIT {
    @TempDir
    Path folder;

    private final List<LoopState> validated = new ArrayList<>();

    private LoopState train(Map<String, Object> hyperparameters) throws Exception {
        Trainable trainable = new TabularClassificationTask()
                .prepare(Tables.write(folder, Tables.MIXED), new Hyperparameters(hyperparameters), 1);
        try (Network network = Network.load(trainable.program(Precision.FP32), trainable.parameters(), Device.cpu())) {
            LoopListener listener = new LoopListener() {
                @Override
                public void stepped(LoopState state, double loss) {}

                @Override
                public void validated(LoopState state, Map<String, Double> metrics, boolean best) {
                    validated.add(state);
                }
            };
            return new TrainingLoop(trainable, network, TabularClassification.DESCRIPTOR, Tables.LABELS, 1, listener)
                    .run(LoopState.START);
        }
    }

    /** Nothing moves at rate 0, so no epoch is better than the first. */
    @Test
    void stopsAfterAsManyEpochsWithoutImprovementAsItHasPatience() throws Exception {
        LoopState end = train(Map.of("learningRate", 0.0, "epochs", 10, "earlyStoppingPatience", 2));

        assertThat(end.best().epoch()).isEqualTo(1);
        assertThat(validated).hasSize(3);
        assertThat(end.epoch()).isEqualTo(4);
    }

    @Test
    void goesOnToTheLastEpochWithoutPatience() throws Exception {
        train(Map.of("learningRate", 0.0, "epochs", 5, "earlyStoppingPatience", 0));

        assertThat(validated).hasSize(5);
    }

    /** Its loss was finite: it is from before the update. */
    @Test
    void saysThatItDivergedWhereTheLastUpdateBeforeAValidationBrokeTheWeights() {
        assertThatThrownBy(() -> train(Map.of("learningRate", 1e30, "epochs", 1, "batchSize", 1000)))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("step 1");
    }
}
