package io.millrace.stack.socket.icmp;

import org.jspecify.annotations.Nullable;

/** What {@link IcmpEngine} hands messages to: an element of the list of those that are bound to one thing. */
abstract sealed class IcmpReceiver permits PingSocket, IcmpSocket {
    /** Next one that is bound to the same. */
    @Nullable
    IcmpReceiver next;

    final int key;

    /** Whether its application is done with it. */
    boolean closed;

    IcmpReceiver(final int key) {
        this.key = key;
    }
}
