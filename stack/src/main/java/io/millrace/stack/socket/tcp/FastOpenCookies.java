package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.wire.FastOpenOption;
import io.millrace.stack.wire.TcpRepr;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is remembered of servers for Fast Open (RFC 7413 section 4.1.3), as much as was used last. */
final class FastOpenCookies {
    /** What is remembered of one. */
    static final class Entry {
        /** Bytes of the cookie; 0 without one. */
        int length;

        boolean experimental;
        long cookieHi;
        long cookieLo;
        /** MSS of its last SYN-ACK; 0 if it is not known. */
        int mss;
        /** It is asked for a cookie by the experimental option next. */
        boolean tryExperimental;
        /** It was, and did not answer that either. */
        boolean triedExperimental;
        /** Until when it is spared. */
        long pausedUntil;

        /** Takes a valid cookie from a SYN-ACK. */
        void take(final TcpRepr synAck) {
            length = synAck.fastOpen;
            experimental = synAck.fastOpenExperimental;
            cookieHi = synAck.cookieHi;
            cookieLo = synAck.cookieLo;
            pausedUntil = 0;
        }

        /** Adds the cookie, or the question for one, to a SYN. */
        void addTo(final TcpRepr syn) {
            syn.fastOpen = length == 0 ? FastOpenOption.REQUEST : length;
            syn.fastOpenExperimental = length == 0 ? tryExperimental : experimental;
            syn.cookieHi = cookieHi;
            syn.cookieLo = cookieLo;
        }
    }

    /** Whom: the cookie is made for our address, too. */
    private record Key(int family, long localHi, long localLo, long remoteHi, long remoteLo) {}

    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private static Key key(final FlowEntry flow) {
        return new Key(flow.family, flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo);
    }

    int size() {
        return entries.size();
    }

    void clear() {
        entries.clear();
    }

    /** What is remembered of a flow's peer, or null. */
    @Nullable
    Entry find(final FlowEntry flow) {
        return entries.get(key(flow));
    }

    /** What is remembered of a flow's peer, begun now if nothing was; others are forgotten beyond {@code most}. */
    Entry of(final FlowEntry flow, final int most) {
        final Entry entry = entries.computeIfAbsent(key(flow), key -> new Entry());
        while (entries.size() > most) {
            final var eldest = entries.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
        return entry;
    }
}
