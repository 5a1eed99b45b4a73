package io.millrace.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * DPDK's thread-local error number and lcore id. The loader answers a look-up of such a variable with the address of the
 * calling thread's copy. Not for hot paths.
 */
final class EalThreadLocals {
    private EalThreadLocals() {}

    /** {@code rte_errno} of the calling thread. */
    static int errno() {
        return cell("per_lcore__rte_errno").get(ValueLayout.JAVA_INT, 0);
    }

    /** {@code rte_lcore_id()} of the calling thread: -1 if it is neither EAL's nor registered. */
    static int lcoreId() {
        return lcoreIdCell().get(ValueLayout.JAVA_INT, 0);
    }

    /** Where the calling thread's lcore id lies, for as long as the thread lives. */
    static MemorySegment lcoreIdCell() {
        return cell("per_lcore__lcore_id");
    }

    @SuppressWarnings("restricted")
    private static MemorySegment cell(final String symbol) {
        return Libraries.EAL.findOrThrow(symbol).reinterpret(Integer.BYTES);
    }

    private static final class Libraries {
        @SuppressWarnings("restricted")
        static final SymbolLookup EAL = SymbolLookup.libraryLookup(DpdkLibraries.EAL, Arena.global());
    }
}
