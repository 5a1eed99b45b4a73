package io.millrace.stack.socket.raw;

import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * A received IP packet in place, its header included, padding of the link not. A packet that came in fragments is whole.
 */
public final class RawPacket extends ReceivedPacket {
    RawPacket() {}

    /** Protocol number of the payload (IANA), for IPv6 behind all extension headers. */
    public int protocol() {
        return ip.protocol;
    }

    /** Offset of the payload within {@link #memory()}: behind options, or extension headers. */
    public long payloadOffset() {
        return offset() + length() - ip.payloadLength;
    }

    /** Bytes of the payload. */
    public int payloadLength() {
        return ip.payloadLength;
    }

    /** Who sent it, as a new object. */
    public IpAddress source() {
        return sender();
    }

    void wrap(final IpRepr header, final MemorySegment memory, final long offset, final int length, final long now) {
        point(header, memory, offset, length, now);
    }
}
