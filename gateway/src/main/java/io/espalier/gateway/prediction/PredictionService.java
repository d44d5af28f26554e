package io.espalier.gateway.prediction;

import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.ResponseTimeoutMode;
import com.linecorp.armeria.common.AggregatedHttpRequest;
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
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.BodyBudget;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.route.RouteTable.Variant;
import io.espalier.gateway.edge.ProblemAnswers;
import io.espalier.gateway.edge.RequestIds;
import io.espalier.gateway.worker.Worker;
import io.espalier.gateway.worker.Workers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes a prediction to a worker and brings its answer back. The body is held in memory, up to the route's limit, because a
 * prediction changes nothing and is sent a second time, to another worker if there is one, where the first cannot be
 * reached, breaks off, fails, or is full.
 */
public final class PredictionService implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(PredictionService.class);
    private static final long LARGEST_ANSWER = 64L << 20;
    private static final Duration MARGIN = Duration.ofSeconds(5);
    private static final Set<HttpStatus> FULL_OR_NOT_LOADED_OR_FAILED =
            Set.of(HttpStatus.SERVICE_UNAVAILABLE, HttpStatus.CONFLICT, HttpStatus.INTERNAL_SERVER_ERROR);

    private final Workers workers;
    private final BodyBudget bodies;
    private final String authorization;
    private final Duration timeout;
    private final Counter retries;

    public PredictionService(
            Workers workers, BodyBudget bodies, String serviceCredential, Duration timeout, MeterRegistry meters) {
        this.workers = workers;
        this.bodies = bodies;
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
        refuseEncoding(request);
        long held = bodies.take(request.headers().contentLength());
        var _ = ctx.log().whenComplete().thenRun(() -> bodies.giveBack(held));
        CompletableFuture<HttpResponse> answer =
                request.aggregate(ctx.eventLoop()).thenCompose(body -> new Prediction(ctx, variant, body).answer());
        return HttpResponse.of(answer);
    }

    /** What is compressed may be large, and somebody would have to unpack it. */
    static void refuseEncoding(HttpRequest request) {
        if (!"identity".equals(request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity"))) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send the body without a Content-Encoding.");
        }
    }

    private Variant route(ServiceRequestContext ctx) {
        List<Variant> deployed = Caller.of(ctx).product(ctx).variants().stream()
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

        Prediction(ServiceRequestContext ctx, Variant variant, AggregatedHttpRequest request) {
            this.ctx = ctx;
            this.variant = variant;
            MediaType given = request.contentType();
            this.contentType = given == null ? MediaType.JSON : given;
            this.body = request.content();
            // The caller has done its part; from here on the clock is the worker's, and the margin lets its answer be
            // the one.
            ctx.setRequestTimeout(TimeoutMode.SET_FROM_NOW, timeout.plus(MARGIN));
        }

        CompletableFuture<HttpResponse> answer() {
            Worker worker =
                    workers.leastBusy(variant.bundle().sha256(), List.of()).orElseThrow(PredictionService::notReady);
            return send(worker)
                    .thenCompose(first ->
                            first.isWorthASecondWorker() ? second(first) : CompletableFuture.completedFuture(first))
                    .thenApply(this::toAnswer);
        }

        private CompletableFuture<Outcome> second(Outcome first) {
            Optional<Worker> next = workers.leastBusy(variant.bundle().sha256(), List.of(first.worker()));
            if (next.isEmpty() && first instanceof Broken) {
                // A pooled connection may have been closed under the request: worth a new one to the same worker.
                next = Optional.of(first.worker());
            }
            if (next.isEmpty()) {
                return CompletableFuture.completedFuture(first);
            }
            retries.increment();
            LOG.debug("Request {} goes to {} after {}", RequestIds.of(ctx), next.get(), first);
            return send(next.get());
        }

        private CompletableFuture<Outcome> send(Worker worker) {
            // Nothing of the caller's headers goes on: a worker is told what it needs.
            RequestHeaders headers = RequestHeaders.builder(
                            HttpMethod.POST,
                            PredictionHeaders.workerPath(variant.bundle().sha256()) + query())
                    .contentType(contentType)
                    .set(HttpHeaderNames.AUTHORIZATION, authorization)
                    .set(PredictionHeaders.REQUEST_ID, RequestIds.of(ctx))
                    .build();
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            RequestOptions options = RequestOptions.builder()
                    .responseTimeoutMillis(Math.max(1, left.toMillis()))
                    .responseTimeoutMode(ResponseTimeoutMode.FROM_START)
                    .maxResponseLength(LARGEST_ANSWER)
                    .build();
            worker.begin();
            HttpResponse response = worker.client().execute(HttpRequest.of(headers, body), options);
            // A caller that went away, or waited too long, does not keep a worker busy.
            var _ = ctx.whenRequestCancelling().thenAccept(response::abort);
            return response.aggregate(ctx.eventLoop()).handle((answer, failure) -> {
                worker.end();
                if (failure == null) {
                    worker.answered(answer.status());
                    return new Answered(worker, answer);
                }
                return ctx.whenRequestCancelling().isDone()
                        ? new Abandoned(worker)
                        : broken(worker, Exceptions.peel(failure));
            });
        }

        /** What files in bodies of their own types have for parameters. */
        private String query() {
            String query = ctx.query();
            return query == null ? "" : "?" + query;
        }

        private static Outcome broken(Worker worker, Throwable cause) {
            if (cause instanceof ResponseTimeoutException) {
                return new TimedOut(worker);
            }
            if (Worker.isRefusal(cause)) {
                worker.isDown("refuses connections");
            }
            return new Broken(worker, cause);
        }

        private HttpResponse toAnswer(Outcome outcome) {
            return switch (outcome) {
                // Nobody reads this.
                case Abandoned _ -> ProblemAnswers.of(ctx, ProblemType.UNAVAILABLE, "The request was cut off.");
                case TimedOut _ -> ProblemAnswers.of(ctx, ProblemType.TIMEOUT, "The model did not answer in time.");
                case Broken broken -> {
                    LOG.warn("Request {} did not reach {}", RequestIds.of(ctx), broken.worker(), broken.cause());
                    yield ProblemAnswers.of(ctx, ProblemType.UNAVAILABLE, "The model cannot be reached; try again.");
                }
                case Answered answered -> toAnswer(answered);
            };
        }

        private HttpResponse toAnswer(Answered answered) {
            AggregatedHttpResponse answer = answered.answer();
            return switch (answer.status().code()) {
                case 503 -> {
                    ctx.setAdditionalResponseHeader(
                            HttpHeaderNames.RETRY_AFTER, answer.headers().get(HttpHeaderNames.RETRY_AFTER, "1"));
                    yield ProblemAnswers.of(ctx, ProblemType.OVERLOADED, "The model's queue is full; try again.");
                }
                case 409 -> throw notReady();
                case 401, 403, 404, 405 ->
                    throw new IllegalStateException(
                            answered.worker() + " and this gateway do not agree: it answered " + answer.status());
                default -> pass(answer);
            };
        }

        private HttpResponse pass(AggregatedHttpResponse answer) {
            ResponseHeadersBuilder headers = ResponseHeaders.builder(answer.status())
                    .set(PredictionHeaders.MODEL_VERSION, Integer.toString(variant.modelVersion()))
                    .set(PredictionHeaders.MODEL_ID, variant.model().toString())
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff");
            MediaType type = answer.contentType();
            if (type != null) {
                headers.contentType(type);
            }
            return HttpResponse.of(headers.build(), answer.content());
        }
    }

    /** What became of one try. */
    private sealed interface Outcome {
        Worker worker();

        /**
         * A second try is harmless always; here it also has a chance. Not after a time-out: the time is used up; nor where the
         * caller has left.
         */
        default boolean isWorthASecondWorker() {
            return switch (this) {
                case Answered answered ->
                    FULL_OR_NOT_LOADED_OR_FAILED.contains(answered.answer().status());
                case Broken _ -> true;
                case TimedOut _, Abandoned _ -> false;
            };
        }
    }

    private record Answered(Worker worker, AggregatedHttpResponse answer) implements Outcome {}

    private record Broken(Worker worker, Throwable cause) implements Outcome {}

    private record TimedOut(Worker worker) implements Outcome {}

    /** By its caller, and so broken off by this gateway: nothing that the worker did. */
    private record Abandoned(Worker worker) implements Outcome {}
}
