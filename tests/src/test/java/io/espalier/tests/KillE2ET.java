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

    @TestFactory
    Stream<DynamicTest> completesTheJobAfterTheDeathOf(Installation shared) {
        return new Kills(Shop.open(shared.origin(), shared.operatorCredential()), shared).of(VICTIMS, shared::kill);
    }
}
