package io.millrace.stack.socket.icmp;

import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/** An echo reply in place: its data, up to 65,527 bytes, without the ICMP header. */
public final class EchoReply extends ReceivedPacket {
    private int sequence;

    EchoReply() {}

    /** Sequence number of the request, 0 to 65,535. */
    public int sequence() {
        return sequence;
    }

    /** Who answered, as a new object. */
    public IpAddress source() {
        return sender();
    }

    void wrap(
            final IpRepr header,
            final MemorySegment memory,
            final long offset,
            final int length,
            final int newSequence,
            final long now) {
        point(header, memory, offset, length, now);
        sequence = newSequence;
    }
}
