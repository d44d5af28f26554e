package io.espalier.gateway.worker;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.util.Exceptions;
import io.espalier.gateway.proxy.Upstream;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One inference worker at one address, and what this gateway knows of its health. Thread-safe. */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    /** A worker that is busy answers its health check late; that alone does not make it unhealthy. */
    private static final int LATE_CHECKS = 3;
    /** A connection may break once for many reasons, such as an idle one that is closed under the check. */
    private static final int BROKEN_CHECKS = 2;
    /** One that fails fast is never busy, and so would get most of the requests. */
    private static final int FAILED_ANSWERS = 5;

    private static final Duration REST = Duration.ofSeconds(5);

    /** What the last check said. */
    enum Health {
        /** Not asked yet. */
        UNKNOWN,
        UP,
        DOWN
    }

    private final String id;
    private final URI address;
    private final WebClient client;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger failedAnswers = new AtomicInteger();
    /** As {@link System#nanoTime} counts. */
    private volatile long restsUntil = System.nanoTime();

    private volatile Health health = Health.UNKNOWN;

    Worker(String id, URI address, ClientFactory clients) {
        this.id = id;
        this.address = address;
        this.client = Upstream.client(address, clients).build();
    }

    public String id() {
        return id;
    }

    URI address() {
        return address;
    }

    public WebClient client() {
        return client;
    }

    Health health() {
        return health;
    }

    /** Requests of this gateway that the worker has not answered yet. */
    public int inFlight() {
        return inFlight.get();
    }

    /** To be called before a request is sent, with {@link #end} after it, however it ends. */
    public void begin() {
        inFlight.incrementAndGet();
    }

    public void end() {
        inFlight.decrementAndGet();
    }

    /** Notes what became of a request. Too many failures in a row, whatever the requests, and the worker rests a while. */
    public void answered(HttpStatus status) {
        if (!status.equals(HttpStatus.INTERNAL_SERVER_ERROR)) {
            failedAnswers.set(0);
        } else if (failedAnswers.incrementAndGet() >= FAILED_ANSWERS) {
            failedAnswers.set(0);
            restsUntil = System.nanoTime() + REST.toNanos();
            LOG.warn(
                    "Worker {} failed {} requests in a row and rests for {} s", this, FAILED_ANSWERS, REST.toSeconds());
        }
    }

    /** Whether it has failed too often lately to be asked while there is another. */
    boolean rests() {
        return System.nanoTime() - restsUntil < 0;
    }

    /** Whether nobody listens at the address: then there is no need to wait for a second sign. */
    public static boolean isRefusal(Throwable failure) {
        Throwable cause = Exceptions.peel(failure);
        Throwable root = Exceptions.peel(cause.getCause() == null ? cause : cause.getCause());
        return root instanceof ConnectException && !(root instanceof ConnectTimeoutException);
    }

    void isUp() {
        late.set(0);
        broken.set(0);
        change(Health.UP, "answers");
    }

    /** It said that it is not ready, or its address refuses connections. */
    public void isDown(String why) {
        change(Health.DOWN, why);
    }

    void isLate() {
        if (late.incrementAndGet() >= LATE_CHECKS) {
            change(Health.DOWN, "does not answer its health check");
        }
    }

    void isBroken() {
        if (broken.incrementAndGet() >= BROKEN_CHECKS) {
            change(Health.DOWN, "breaks off its health checks");
        }
    }

    private void change(Health next, String why) {
        Health before = health;
        health = next;
        if (before != next) {
            LOG.info("Worker {} at {} is {}: it {}", id, address, next, why);
        }
    }

    @Override
    public String toString() {
        return id + " at " + address;
    }
}
