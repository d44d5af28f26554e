package io.espalier.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryIT {
    @TempDir
    private Path folder;

    @Test
    void generatesASecretOnceAndForItsOwnerOnly() throws Exception {
        Path root = folder.resolve("data");
        String first;
        try (DataDirectory data = DataDirectory.open(root)) {
            first = data.readSecret("operator-credential");
        }

        try (DataDirectory data = DataDirectory.open(root)) {
            assertThat(data.readSecret("operator-credential")).isEqualTo(first).hasSize(43);
            assertThat(data.readSecret("service-credential")).isNotEqualTo(first);
        }
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(root.resolve("secrets/operator-credential"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("secrets"))))
                .isEqualTo("rwx------");
    }

    @Test
    void belongsToOneLauncherAtATime() {
        DataDirectory owner = DataDirectory.open(folder);

        assertThatThrownBy(() -> DataDirectory.open(folder))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("belongs to a running installation (process "
                        + ProcessHandle.current().pid() + ")");

        owner.close();
        DataDirectory.open(folder).close();
    }

    @Test
    void refusesADiskThatIsNearlyFull() {
        assertThatThrownBy(() -> DataDirectory.open(folder, Long.MAX_VALUE))
                .isInstanceOf(LaunchException.class)
                .hasMessageMatching("Too little disk space for .*: \\d+ MB are free, \\d+ MB are needed\\.");

        DataDirectory.open(folder).close();
    }

    @Test
    void saysWhichPortCannotBeOpenedAndWhy() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket taken = new ServerSocket(0, 1, loopback)) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> Ports.requireFree(loopback, port))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageStartingWith("Port " + port + " cannot be opened on 127.0.0.1: ")
                    .hasMessageEndingWith(" Choose another port with --port.");
        }
    }

    @Test
    void keepsItsPortsUnlessSomebodyElseHasTakenThem() throws Exception {
        Path file = folder.resolve("ports.properties");
        Ports first = new Ports(file);
        int kept = first.of("kept");
        int taken = first.of("taken");
        first.save();

        try (ServerSocket _ = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
            Ports second = new Ports(file);

            assertThat(second.of("kept")).isEqualTo(kept);
            assertThat(second.of("taken")).isNotEqualTo(taken);
        }
    }
}
