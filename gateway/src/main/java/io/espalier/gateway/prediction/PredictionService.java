package io.espalier.gateway.prediction;

import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.route.RouteTable.Product;
import io.espalier.contracts.route.RouteTable.Variant;
import io.espalier.gateway.edge.ProblemAnswers;
import io.espalier.gateway.edge.RequestIds;
import io.espalier.gateway.worker.Worker;
import io.espalier.gateway.worker.Workers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes a prediction to a worker and brings its answer back. The body is held in memory, up to the route's limit, because a
 * prediction changes nothing and is sent a second time, to another worker if there is one, where the first cannot be
 * reached, breaks off, or is full.
 */
final class PredictionService implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(PredictionService.class);
    private static final long LARGEST_ANSWER = 64L << 20;

    private final Workers workers;
    private final String authorization;
    private final Duration timeout;
    private final Counter retries;

    PredictionService(Workers workers, String serviceCredential, Duration timeout, MeterRegistry meters) {
        this.workers = workers;
        this.authorization = "Bearer " + serviceCredential;
        this.timeout = timeout;
        this.retries = Counter.builder("espalier.gateway.prediction.retries")
                .description("Predictions that were sent to a second worker")
                .register(meters);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        // All that can be refused is refused before the body is read.
        Variant variant = route(ctx);
        if (!"identity".equals(request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity"))) {
            throw new ProblemException(
                    ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send the body without a Content-Encoding.");
        }
        CompletableFuture<HttpResponse> answer = request.aggregate(ctx.eventLoop())
                .thenCompose(body -> new Prediction(ctx, variant, body.contentType(), body.content()).first());
        return HttpResponse.of(answer);
    }

    private Variant route(ServiceRequestContext ctx) {
        Caller caller = Caller.of(ctx);
        String name = ctx.pathParam("product");
        Product product = caller.routes()
                .product(caller.key().tenant(), name)
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such product."));
        List<Variant> deployed = product.variants().stream()
                .filter(variant -> variant.weight() > 0)
                .toList();
        if (deployed.isEmpty()) {
            throw new ProblemException(ProblemType.NO_DEPLOYMENT, "Deploy a model version of this product first.");
        }
        List<Variant> ready = deployed.stream()
                .filter(variant -> workers.isReady(variant.bundle().sha256()))
                .toList();
        if (ready.isEmpty()) {
            throw notReady();
        }
        return byWeight(ready);
    }

    private static Variant byWeight(List<Variant> variants) {
        long point = ThreadLocalRandom.current()
                .nextLong(variants.stream().mapToLong(Variant::weight).sum());
        for (Variant variant : variants) {
            point -= variant.weight();
            if (point < 0) {
                return variant;
            }
        }
        throw new IllegalStateException("The weights changed while they were added");
    }

    private static ProblemException notReady() {
        return new ProblemException(ProblemType.MODEL_NOT_READY, "No worker has loaded the deployed model yet.");
    }

    /** One prediction on its way, with its body in hand. All on the request's event loop. */
    private final class Prediction {
        private final ServiceRequestContext ctx;
        private final Variant variant;
        private final MediaType contentType;
        private final HttpData body;
        private final long deadline = System.nanoTime() + timeout.toNanos();

        Prediction(
                ServiceRequestContext ctx,
                Variant variant,
                @org.jspecify.annotations.Nullable MediaType contentType,
                HttpData body) {
            this.ctx = ctx;
            this.variant = variant;
            this.contentType = contentType == null ? MediaType.JSON : contentType;
            this.body = body;
            // From here on the clock is the worker's, not the caller's.
            ctx.setRequestTimeout(timeout.plusSeconds(5));
        }

        CompletableFuture<HttpResponse> first() {
            Worker worker = workers.leastBusy(variant.bundle().sha256(), List.of())
                    .orElseThrow(PredictionService::notReady);
            return send(worker).thenCompose(outcome -> outcome.again() ? second(outcome) : completed(outcome));
        }

        private CompletableFuture<HttpResponse> second(Outcome first) {
            Optional<Worker> other = workers.leastBusy(variant.bundle().sha256(), List.of(first.worker()));
            // A connection that broke may just have been kept for too long: worth a new one to the same worker.
            Optional<Worker> next =
                    other.or(() -> first.answer() == null ? Optional.of(first.worker()) : Optional.empty());
            if (next.isEmpty()) {
                return completed(first);
            }
            retries.increment();
            LOG.debug("Request {} goes to {} after {}", RequestIds.of(ctx), next.get(), first);
            return send(next.get()).thenCompose(this::completed);
        }

        private CompletableFuture<Outcome> send(Worker worker) {
            long millis = Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis());
            // Nothing of the caller's headers goes on: a worker is told what it needs.
            RequestHeaders headers = RequestHeaders.builder(
                            HttpMethod.POST,
                            PredictionHeaders.workerPath(variant.bundle().sha256()))
                    .contentType(contentType)
                    .set(HttpHeaderNames.AUTHORIZATION, authorization)
                    .set(HttpHeaderNames.ACCEPT, "*/*")
                    .set(PredictionHeaders.REQUEST_ID, RequestIds.of(ctx))
                    .build();
            worker.begin();
            HttpResponse response = worker.client()
                    .prepare()
                    .request()
                    .execute();
            return CompletableFuture.failedFuture(new IllegalStateException());
        }

        private CompletableFuture<HttpResponse> completed(Outcome outcome) {
            return CompletableFuture.completedFuture(answer(outcome));
        }
    }
}
