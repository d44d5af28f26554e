package io.espalier.controlplane.temporal;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;

/**
 * Keeps workflow tasks off sticky queues. The embedded Temporal server never gives a task on the sticky queue of a worker
 * that was killed to another worker, so the workflow would hang for ever; a real server does after ten seconds. Without
 * sticky queues every task carries its history, which is short here.
 */
final class StickyQueueCure implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            @SuppressWarnings("unchecked") // The same type, less a field.
            public void sendMessage(Q message) {
                super.sendMessage(
                        message instanceof RespondWorkflowTaskCompletedRequest completed
                                ? (Q) completed.toBuilder()
                                        .clearStickyAttributes()
                                        .build()
                                : message);
            }
        };
    }
}
