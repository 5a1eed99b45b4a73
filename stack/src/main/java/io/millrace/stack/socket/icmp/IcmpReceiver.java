package io.millrace.stack.socket.icmp;

import org.jspecify.annotations.Nullable;

/** What {@link IcmpEngine} hands messages to: an element of the list of those that are bound to one thing. */
abstract sealed class IcmpReceiver permits PingSocket, IcmpSocket {
    /** Next one that is bound to the same. */
    @Nullable
    IcmpReceiver next;

    /** No interface in particular. */
    static final int NO_ZONE = -1;

    final int key;

    /** Index of the interface that it receives by alone and sends by; {@link #NO_ZONE} for all. */
    final int zone;

    /** Whether its application is done with it. */
    boolean closed;

    IcmpReceiver(final int key, final int zone) {
        this.key = key;
        this.zone = zone;
    }

    /** Whether what comes in by an interface can be for it. */
    final boolean hears(final int interfaceIndex) {
        return zone == NO_ZONE || zone == interfaceIndex;
    }
}
