package io.espalier.tests;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@link Kills} on the embedded servers. */
@ExtendWith(SharedInstallation.class)
class KillE2ET {
    private static final List<String> VICTIMS = List.of(
            "training-worker",
            "trial",
            "control-plane",
            "gateway",
            "inference-worker",
            "postgres",
            "temporal",
            "s3",
            "launcher");

    private static final List<String> TRAINING = List.of("training-worker", "trial");

    @TestFactory
    Stream<DynamicTest> completesTheJobAfterTheDeathOf(Installation shared) {
        return kills(shared, Kills.Subject.texts()).of(VICTIMS, shared::kill);
    }

    /** What the other processes do for a job does not depend on its task. */
    @TestFactory
    Stream<DynamicTest> completesAJobOnPicturesAfterTheDeathOf(Installation shared) {
        return kills(shared, Kills.Subject.pictures()).of(TRAINING, shared::kill);
    }

    private static Kills kills(Installation shared, Kills.Subject subject) {
        return new Kills(Shop.open(shared.origin(), shared.operatorCredential()), shared, subject);
    }
}
