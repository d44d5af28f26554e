"""Prints a port of the loopback address that nobody listens on, below those that systems hand out for outgoing connections: it
must be free still when a server on it restarts."""
import random
import socket

while True:
    port = random.randrange(20_000, 32_000)
    with socket.socket() as server:
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
