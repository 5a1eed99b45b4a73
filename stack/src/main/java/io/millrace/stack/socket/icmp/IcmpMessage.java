package io.millrace.stack.socket.icmp;

import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A received ICMP message in place, its header of 8 bytes included. */
public final class IcmpMessage extends ReceivedPacket {
    private final IcmpErrorRepr error = new IcmpErrorRepr();
    private boolean isError;

    IcmpMessage() {}

    /** ICMP type, as its family numbers them. */
    public int type() {
        return IcmpView.type(memory(), offset());
    }

    /** ICMP code. */
    public int code() {
        return IcmpView.code(memory(), offset());
    }

    /** Who sent it, as a new object. */
    public IpAddress source() {
        return sender();
    }

    /** The error that the message is, taken apart; null if it is none. */
    public @Nullable IcmpErrorRepr error() {
        return isError ? error : null;
    }

    void wrap(
            final IpRepr header,
            final MemorySegment memory,
            final long offset,
            final int length,
            final boolean newIsError,
            final long now) {
        point(header, memory, offset, length, now);
        isError = newIsError && error.parse(ip, memory, offset, length);
    }
}
