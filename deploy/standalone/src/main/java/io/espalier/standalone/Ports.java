package io.espalier.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The internal ports, chosen at the first start and kept in the data directory, so that a restarted process comes back where
 * the others look for it. One that somebody else has taken meanwhile is chosen anew at the next start.
 */
final class Ports {
    // Below the range that operating systems hand out for outgoing connections (32768 on Linux): a port from there
    // could be
    // some client's when its server wants to come back.
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;

    private final Path file;
    private final Properties ports = new Properties();
    private final Map<String, Integer> given = new HashMap<>();

    Ports(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            try (var in = Files.newBufferedReader(file)) {
                ports.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** @return the port of this name, free on the loopback address when it was first asked for */
    int of(String name) {
        return given.computeIfAbsent(name, this::choose);
    }

    private int choose(String name) {
        int port = Integer.parseInt(ports.getProperty(name, "0"));
        while (port == 0 || given.containsValue(port) || !isFree(InetAddress.getLoopbackAddress(), port)) {
            port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
        }
        ports.setProperty(name, Integer.toString(port));
        return port;
    }

    void save() {
        try (var out = Files.newBufferedWriter(file)) {
            ports.store(out, "Internal ports of this installation; delete a line to have another one chosen");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFree(InetAddress address, int port) {
        try {
            open(address, port);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** @throws LaunchException if this process cannot listen there, with the operating system's reason */
    static void requireFree(InetAddress address, int port) {
        try {
            open(address, port);
        } catch (IOException e) {
            throw new LaunchException("Port %d cannot be opened on %s: %s. Choose another port with --port."
                    .formatted(port, address.getHostAddress(), e.getMessage()));
        }
    }

    private static void open(InetAddress address, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            // As servers do: a port in TIME_WAIT is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
        }
    }
}
