package io.espalier.controlplane.platform;

import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The tenant that the current thread works for. It comes from a verified credential or from a workflow of our own, never
 * from a request's header or body; every transaction is bound to it (see {@link TenantBoundTransactions}).
 */
public final class TenantContext {
    private static final ScopedValue<UUID> TENANT = ScopedValue.newInstance();

    private TenantContext() {}

    public static Optional<UUID> current() {
        return TENANT.isBound() ? Optional.of(TENANT.get()) : Optional.empty();
    }

    /** @throws IllegalStateException outside of any tenant's work: a defect of ours, never of a request */
    public static UUID required() {
        return current().orElseThrow(() -> new IllegalStateException("There is no tenant here."));
    }

    public static <T> T call(UUID tenant, Supplier<T> work) {
        return ScopedValue.where(TENANT, tenant).call(work::get);
    }

    public static void run(UUID tenant, Runnable work) {
        ScopedValue.where(TENANT, tenant).run(work);
    }

    /** For work that throws more: the rest of a request's filter chain. */
    public static <X extends Exception> void runThrowing(UUID tenant, ThrowingWork<X> work) throws X {
        ScopedValue.where(TENANT, tenant).call(() -> {
            work.run();
            return true;
        });
    }

    /** @param <X> what it throws */
    public interface ThrowingWork<X extends Exception> {
        void run() throws X;
    }
}
