package io.espalier.inference.predict;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.route.BodyBudget;
import io.espalier.inference.batch.Submission;
import io.espalier.inference.pool.ModelPool;
import io.espalier.inference.pool.ServedModel;
import io.espalier.modelkit.request.Answers;
import io.espalier.modelkit.request.PredictionRequest;
import io.espalier.modelkit.task.Predictor.Prepared;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * {@code POST /internal/bundles/{sha256}/predict}: parses, transforms, queues, and answers. Nothing here blocks; small bodies
 * are read on the event loop, large ones on the blocking pool, the model runs on the scheduler's threads.
 */
public final class PredictService implements HttpService {
    /** Below this, handing over costs more than reading and tokenizing. */
    private static final int SMALL_BODY_BYTES = 2048;

    private final ModelPool pool;
    private final BodyBudget bodies;

    public PredictService(ModelPool pool, BodyBudget bodies) {
        this.pool = pool;
        this.bodies = bodies;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        long length = request.headers().contentLength();
        boolean small = length >= 0 && length <= SMALL_BODY_BYTES;
        long held = bodies.take(length);
        var _ = ctx.log().whenComplete().thenRun(() -> bodies.giveBack(held));
        // But for want of room the body is read whatever the answer will be: HTTP has no good way to answer before.
        return HttpResponse.of(request.aggregate(ctx.eventLoop())
                .thenComposeAsync(body -> predict(ctx, body), small ? ctx.eventLoop() : ctx.blockingTaskExecutor()));
    }

    private CompletableFuture<HttpResponse> predict(ServiceRequestContext ctx, AggregatedHttpRequest body) {
        CompletableFuture<ServedModel> lease = pool.lease(ctx.pathParam("sha256"));
        return lease.isDone()
                ? lease.thenCompose(model -> submit(ctx, model, body))
                // The loader thread has more to do than to read what waited for it.
                : lease.thenComposeAsync(model -> submit(ctx, model, body), ctx.blockingTaskExecutor());
    }

    /** Takes the lease over. */
    private static CompletableFuture<HttpResponse> submit(
            ServiceRequestContext ctx, ServedModel model, AggregatedHttpRequest body) {
        PredictionRequest request;
        Submission submission;
        try {
            request = PredictionBodies.read(body, ctx.queryParam("top_k"));
            List<Prepared> inputs = new ArrayList<>(request.inputs().size());
            for (int i = 0; i < request.inputs().size(); i++) {
                inputs.add(model.predictor().prepare(request.inputs().get(i), request.parameters(), request.path(i)));
            }
            submission = model.queue().submit(inputs);
        } catch (RuntimeException | Error e) {
            model.release();
            throw e;
        }
        // A caller that went away, or waited too long, does not keep its place in the queue.
        var _ = ctx.whenRequestCancelling().thenAccept(cause -> submission.completeExceptionally(cause));
        var _ = submission.released().thenRun(model::release);
        return submission.thenApplyAsync(
                answers ->
                        HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(Answers.toJson(request, answers))),
                ctx.eventLoop());
    }
}
