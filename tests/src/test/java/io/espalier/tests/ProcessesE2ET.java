package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** What holds of every process of an installation, whatever it does. */
@ExtendWith(SharedInstallation.class)
class ProcessesE2ET {
    private static final int CONNECT_MILLIS = 2_000;

    @TestFactory
    Stream<DynamicTest> answersHealthAndMetrics(Installation installation) {
        List<String> names = installation.internalPorts().keySet().stream()
                .filter(name -> name.endsWith("-http"))
                .sorted()
                .toList();
        assertThat(names)
                .containsExactly(
                        "control-plane-http",
                        "gateway-http",
                        "inference-worker-http",
                        "postgresql-http",
                        "s3-http",
                        "temporal-http",
                        "training-worker-http");
        return names.stream()
                .map(name -> dynamicTest(name, () -> {
                    Api process = Api.anonymous(URI.create("http://127.0.0.1:" + installation.internalPort(name)));

                    process.get("/health/live").expect(200);
                    process.get("/health/ready").expect(200);
                    assertThat(process.get("/metrics").expect(200).body()).contains("# TYPE");
                }));
    }

    @Test
    void showsHealthButNoMetricsToThePublic(Installation installation) {
        Api everybody = Api.anonymous(installation.origin());

        everybody.get("/health/live").expect(200);
        everybody.get("/health/ready").expect(200);
        assertThat(everybody.get("/metrics").status()).isEqualTo(404);
    }

    @TestFactory
    Stream<DynamicTest> listensOnTheLoopbackAddressOnly(Installation installation) throws IOException {
        List<InetAddress> others = otherAddresses();
        assumeFalse(others.isEmpty(), "Skipped: this machine has no address but the loopback's.");
        Map<String, Integer> ports = new HashMap<>(installation.internalPorts());
        ports.put("public", installation.origin().getPort());
        return ports.entrySet().stream()
                .map(port -> dynamicTest(
                        port.getKey(),
                        () -> assertThat(others)
                                .allSatisfy(address -> assertThatThrownBy(() -> connect(address, port.getValue()))
                                        .isInstanceOf(IOException.class))));
    }

    @Test
    void keepsItsSecretsToItself(Installation installation) throws IOException {
        Path secrets = installation.data().resolve("secrets");
        try (Stream<Path> files = Files.list(secrets)) {
            assertThat(files.toList())
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
        }
        assertThat(permissions(secrets)).isEqualTo("rwx------");
        assertThat(permissions(installation.data())).isEqualTo("rwx------");
    }

    private static void connect(InetAddress address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
        }
    }

    private static List<InetAddress> otherAddresses() throws SocketException {
        List<InetAddress> addresses = new ArrayList<>();
        for (NetworkInterface card : NetworkInterface.networkInterfaces().toList()) {
            card.inetAddresses().filter(address -> !address.isLoopbackAddress()).forEach(addresses::add);
        }
        return addresses;
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
