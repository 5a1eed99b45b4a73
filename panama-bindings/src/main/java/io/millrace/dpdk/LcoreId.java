package io.millrace.dpdk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The lcore id of one thread, cheap to ask again and again. To be used by that thread only. */
public final class LcoreId {
    private final MemorySegment cell;

    private LcoreId(final MemorySegment cell) {
        this.cell = cell;
    }

    /** That of the calling thread, whether it is registered already or not. */
    public static LcoreId ofCallingThread() {
        return new LcoreId(EalThreadLocals.lcoreIdCell());
    }

    /** The id; -1 as long as the thread is not registered. */
    public int value() {
        return cell.get(ValueLayout.JAVA_INT, 0);
    }
}
