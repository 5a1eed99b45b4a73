package io.millrace.stack.client;

import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The ICMP errors of a UDP socket that nobody was told of yet. */
final class UdpErrors {
    /** Most errors that wait; those that come then are lost. */
    private static final int MOST = 64;

    /** What the next call fails with. */
    private @Nullable SocketError pending;
    /** All errors, in their order, if the application asked for all. */
    private final ArrayDeque<IcmpErrorRepr> queue = new ArrayDeque<>(0);
    /** Errors are told without a peer, too. */
    private boolean all;

    /** Whether errors of whatever it sends are told, not only those of the peer that it is connected to. */
    void all(final boolean told) {
        all = told;
        if (!told) {
            queue.clear();
        }
    }

    /**
     * Takes over what a socket was told. As on Linux, only what says for sure that the peer does not want it, and only if
     * it is connected, or asked for all.
     */
    void note(final @Nullable UdpSocket<IpAddress> socket) {
        final IcmpErrorRepr reported = socket == null ? null : socket.takeError();
        if (reported == null || socket == null || (socket.remote() == null && !all)) {
            return;
        }
        pending = all || IcmpMeaning.isHard(reported) ? meaning(reported) : pending;
        if (all && queue.size() < MOST) {
            final IcmpErrorRepr copy = new IcmpErrorRepr();
            copy.set(reported);
            queue.add(copy);
        }
    }

    /** Whether the next call fails. */
    boolean fails() {
        return pending != null;
    }

    /** Whether there is anything to tell. */
    boolean isEmpty() {
        return pending == null && queue.isEmpty();
    }

    /** The number of the error that the next call fails with, once; 0 if there is none. */
    int take() {
        final SocketError taken = pending;
        pending = null;
        return taken == null ? 0 : taken.number();
    }

    /** The oldest error that waits; the next call of another kind fails with the next one, if there is one. */
    @Nullable
    IcmpErrorRepr next() {
        final IcmpErrorRepr oldest = queue.poll();
        if (oldest != null) {
            final IcmpErrorRepr next = queue.peek();
            pending = next == null ? null : meaning(next);
        }
        return oldest;
    }

    private static SocketError meaning(final IcmpErrorRepr reported) {
        return IcmpMeaning.of(reported.family, reported.type, reported.code);
    }
}
