package io.millrace.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * DPDK's thread-local variables. The loader answers a look-up of one with the address of the calling thread's copy, so
 * nothing here is remembered between calls. Not for hot paths.
 */
final class EalThreadLocals {
    private EalThreadLocals() {}

    /** {@code rte_errno} of the calling thread. */
    static int errno() {
        return read("per_lcore__rte_errno");
    }

    /** {@code rte_lcore_id()} of the calling thread: -1 if it is neither EAL's nor registered. */
    static int lcoreId() {
        return read("per_lcore__lcore_id");
    }

    @SuppressWarnings("restricted")
    private static int read(final String symbol) {
        return Libraries.EAL.findOrThrow(symbol).reinterpret(Integer.BYTES).get(ValueLayout.JAVA_INT, 0);
    }

    private static final class Libraries {
        @SuppressWarnings("restricted")
        static final SymbolLookup EAL = SymbolLookup.libraryLookup(DpdkLibraries.EAL, Arena.global());
    }
}
