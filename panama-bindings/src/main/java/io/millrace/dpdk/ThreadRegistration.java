package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;

/**
 * A thread's registration with EAL. Without one a thread has no lcore id, and every buffer that its driver calls allocate
 * or free goes to the pool's shared ring, one at a time, instead of the thread's cache.
 *
 * <p>To be closed by the thread that opened it, after which nothing of DPDK's hot path may be called by it.
 */
public final class ThreadRegistration implements AutoCloseable {
    private final Thread owner = Thread.currentThread();
    private final int lcoreId;
    private boolean registered;

    private ThreadRegistration(final int lcoreId, final boolean registered) {
        this.lcoreId = lcoreId;
        this.registered = registered;
    }

    /**
     * Registers the calling thread, which must be a platform thread. A thread that has an lcore id already keeps it.
     *
     * @throws EalException if EAL has no lcore id left, or does not run
     */
    public static ThreadRegistration register() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread cannot be an lcore");
        }
        final int present = EalThreadLocals.lcoreId();
        if (present >= 0) {
            return new ThreadRegistration(present, false);
        }
        EalLog.clear();
        EalException.check(
                Dpdk.rte_thread_register(),
                "register thread " + Thread.currentThread().getName());
        return new ThreadRegistration(EalThreadLocals.lcoreId(), true);
    }

    /** The thread's lcore id. */
    public int lcoreId() {
        return lcoreId;
    }

    /** Ends the registration. Harmless when called again. */
    @Override
    public void close() {
        if (registered) {
            if (Thread.currentThread() != owner) {
                throw new IllegalStateException("thread " + owner.getName() + " registered and must unregister itself");
            }
            registered = false;
            Dpdk.rte_thread_unregister();
        }
    }
}
