package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Functions on mbufs of any pool. */
public final class Mbufs {
    private Mbufs() {}

    /**
     * Frees packets with all their segments, whatever pool each is from; the way out for what does not fit the pool that
     * the application knows.
     *
     * @param addresses address of native memory that holds {@code count} addresses of mbufs
     */
    public static void free(final long addresses, final int count) {
        try {
            Holder.FREE_BULK.invokeExact(addresses, count);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static final class Holder {
        static final MethodHandle FREE_BULK = link();

        @SuppressWarnings("restricted")
        private static MethodHandle link() {
            return Linker.nativeLinker()
                    .downcallHandle(
                            Dpdk.rte_pktmbuf_free_bulk$address(),
                            FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        }
    }
}
