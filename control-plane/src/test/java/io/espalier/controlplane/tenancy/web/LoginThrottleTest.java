package io.espalier.controlplane.tenancy.web;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
    private static final String ADDRESS = "203.0.113.5";

    private final LoginThrottle throttle = new LoginThrottle();

    @Test
    void refusesTheEleventhFailureOfAPair() {
        fail(10, "a@example.com");

        assertRefused("a@example.com", ADDRESS);
        assertRefused(" A@Example.com", ADDRESS);
        assertThatCode(() -> throttle.admit("a@example.com", "198.51.100.7")).doesNotThrowAnyException();
        assertThatCode(() -> throttle.admit("b@example.com", ADDRESS)).doesNotThrowAnyException();
    }

    @Test
    void refusesAnAddressThatTriesOneMemberAfterAnother() {
        for (int i = 0; i < 100; i++) {
            throttle.admit(i + "@example.com", ADDRESS);
        }

        assertRefused("another@example.com", ADDRESS);
    }

    @Test
    void remembersNothingOfWhatItRefuses() {
        fail(10, "a@example.com");
        for (int i = 0; i < 200; i++) {
            assertRefused("a@example.com", ADDRESS);
        }

        assertThatCode(() -> throttle.admit("b@example.com", ADDRESS)).doesNotThrowAnyException();
    }

    @Test
    void takesBackWhatSucceeded() {
        for (int i = 0; i < 1_000; i++) {
            throttle.admit("a@example.com", ADDRESS);
            throttle.succeeded("a@example.com", ADDRESS);
        }
        fail(9, "a@example.com");
        throttle.admit("a@example.com", ADDRESS);
        throttle.succeeded("a@example.com", ADDRESS);

        assertThatCode(() -> fail(10, "a@example.com")).doesNotThrowAnyException();
    }

    @Test
    void countsTheFailuresOfAnAddressOnThoughOneOfItsMembersSucceeds() {
        for (int i = 0; i < 100; i++) {
            throttle.admit(i + "@example.com", ADDRESS);
            if (i % 10 == 9) {
                throttle.succeeded(i + "@example.com", ADDRESS);
            }
        }

        fail(10, "own@example.com");
        assertRefused("another@example.com", ADDRESS);
    }

    private void fail(int times, String email) {
        for (int i = 0; i < times; i++) {
            throttle.admit(email, ADDRESS);
        }
    }

    private void assertRefused(String email, String address) {
        assertThatThrownBy(() -> throttle.admit(email, address)).isInstanceOfSatisfying(ProblemException.class, e -> {
            Assertions.assertThat(e.type()).isEqualTo(ProblemType.RATE_LIMITED);
            Assertions.assertThat(e.retryAfter().orElseThrow().toMinutes()).isBetween(14L, 15L);
        });
    }
}
