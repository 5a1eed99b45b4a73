package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.SavedSyn;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Where the headers of the segment are that is being received, for whoever wants to keep those of a SYN. */
final class ArrivedSegment {
    private MemorySegment memory = MemorySegment.NULL;
    private long linkOffset;
    private long ipOffset;
    private long offset;

    /** A segment arrives; all three headers are in one piece of memory, without gaps. */
    void at(final MemorySegment where, final long ofLink, final long ofIp, final long ofTcp) {
        memory = where;
        linkOffset = ofLink;
        ipOffset = ofIp;
        offset = ofTcp;
    }

    /** A copy of its headers; null if none is wanted. */
    byte @Nullable [] copy(final SavedSyn wanted) {
        if (wanted == SavedSyn.NONE) {
            return null;
        }
        final long from = wanted == SavedSyn.LINK_AND_HEADERS ? linkOffset : ipOffset;
        final byte[] copy = new byte[(int) (offset - from) + TcpView.headerLength(memory, offset)];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, from, copy, 0, copy.length);
        return copy;
    }

    /** Keeps the headers of a connection's SYN, if there are any. */
    static void keep(final TcpConnection c, final byte @Nullable [] headers) {
        if (headers != null) {
            c.ownOptions().savedSyn = headers;
        }
    }

    /** The headers of a connection's SYN that are kept; null for none. */
    static byte @Nullable [] kept(final TcpConnection c) {
        return c.settings().savedSyn;
    }

    /** The same, which are kept no longer. */
    static byte @Nullable [] take(final TcpConnection c) {
        final byte[] taken = kept(c);
        if (taken != null) {
            c.ownOptions().savedSyn = null;
        }
        return taken;
    }
}
