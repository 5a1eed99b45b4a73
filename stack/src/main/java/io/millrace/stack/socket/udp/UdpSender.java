package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Makes packets of payloads and sends them. */
final class UdpSender {
    /** In place of a payload's sum: nobody summed it. */
    private static final long UNKNOWN = -1;

    private final IpOutput output;
    private final PacketStore packets;
    private final Counters<StackCounter> counters;
    private final IpRepr out = new IpRepr();

    /** Partial sum of the payload that was copied last. */
    private long copied;

    UdpSender(final IpOutput output, final Counters<StackCounter> counters) {
        this.output = output;
        this.packets = output.packets();
        this.counters = counters;
    }

    long allocate(final int payloadLength) {
        final long handle = output.allocate(UdpView.LENGTH + payloadLength);
        if (handle != PacketPool.NONE) {
            packets.length(handle, UdpView.LENGTH);
        }
        return handle;
    }

    void free(final long handle) {
        output.free(handle);
    }

    MemorySegment memory(final long handle) {
        return packets.memory(handle);
    }

    long payloadOffset(final long handle) {
        return packets.dataOffset(handle) + UdpView.LENGTH;
    }

    int roomFrom(final long handle, final long offset) {
        return packets.roomFrom(handle, offset);
    }

    /** A new packet with a copy of a payload, whose sum is {@link #copied}; {@link PacketPool#NONE} if there is none. */
    private long copy(final MemorySegment source, final long offset, final int length) {
        if (length < 0 || length > UdpView.MAX_PAYLOAD) {
            throw new IllegalArgumentException(
                    "payload of " + length + " bytes; a datagram holds 0 to " + UdpView.MAX_PAYLOAD);
        }
        final long handle = allocate(length);
        if (handle != PacketPool.NONE && source.isNative()) {
            copied = packets.copyAndSum(handle, UdpView.LENGTH, source, offset, length);
        } else if (handle != PacketPool.NONE) {
            packets.copyIn(handle, UdpView.LENGTH, source, offset, length);
            copied = UNKNOWN;
        }
        return handle;
    }

    /**
     * Sends a copy of a payload.
     *
     * @param zone index of the interface that the destination's zone means, or {@link UdpTable#NO_ZONE}
     * @throws IllegalArgumentException if no datagram is as long
     * @throws IndexOutOfBoundsException if the bytes are not all in {@code source}
     */
    int sendCopy(
            final UdpSocket<?> socket,
            final int zone,
            final long hi,
            final long lo,
            final int port,
            final MemorySegment source,
            final long offset,
            final int length,
            final @Nullable SendOptions options) {
        final long handle = copy(source, offset, length);
        return handle == PacketPool.NONE
                ? IpOutput.BUSY
                : send(socket, handle, zone, hi, lo, port, length, options, copied);
    }

    /**
     * Sends a packet whose payload is in place; takes it over.
     *
     * @param zone index of the interface that the destination's zone means, or {@link UdpTable#NO_ZONE}
     */
    int send(
            final UdpSocket<?> socket,
            final long handle,
            final int zone,
            final long hi,
            final long lo,
            final int port,
            final int length,
            final @Nullable SendOptions options) {
        return send(socket, handle, zone, hi, lo, port, length, options, UNKNOWN);
    }

    private int send(
            final UdpSocket<?> socket,
            final long handle,
            final int zone,
            final long hi,
            final long lo,
            final int port,
            final int length,
            final @Nullable SendOptions options,
            final long sum) {
        out.family = socket.family();
        out.srcHi = socket.sourceHi();
        out.srcLo = socket.sourceLo();
        out.dstHi = hi;
        out.dstLo = lo;
        socket.settings().apply(out, options);
        if (zone != UdpTable.NO_ZONE) {
            out.interfaceIndex = zone;
            out.strictInterface = true;
        }
        final boolean foreign =
                options != null && options.hasSource() && !output.isLocalAddress(out.family, out.srcHi, out.srcLo);
        if (foreign) {
            return drop(handle, StackCounter.TX_NOT_PERMITTED, IpOutput.NOT_PERMITTED);
        }
        return emit(handle, socket.localPort(), port, length, sum);
    }

    /** Sends a received packet back with what its payload is now; takes it over. */
    int reply(
            final UdpSocket<?> socket,
            final long handle,
            final long payload,
            final int length,
            final IpRepr received,
            final int sourcePort) {
        // The packet begins at its UDP header from now on: what lay in front of it becomes headroom.
        packets.bounds(handle, payload - UdpView.LENGTH, UdpView.LENGTH + length);
        return answer(socket, handle, length, received, sourcePort, UNKNOWN);
    }

    /** Sends a copy of bytes to where a packet came from. */
    int replyCopy(
            final UdpSocket<?> socket,
            final MemorySegment source,
            final long offset,
            final int length,
            final IpRepr received,
            final int sourcePort) {
        final long handle = copy(source, offset, length);
        return handle == PacketPool.NONE ? IpOutput.BUSY : answer(socket, handle, length, received, sourcePort, copied);
    }

    private int answer(
            final UdpSocket<?> socket,
            final long handle,
            final int length,
            final IpRepr received,
            final int port,
            final long sum) {
        out.replyTo(received, 0);
        socket.settings().apply(out, null);
        out.interfaceIndex = received.interfaceIndex;
        if (!output.isLocalAddress(out.family, out.srcHi, out.srcLo)) {
            // It was sent to a group or to everyone.
            out.srcHi = socket.sourceHi();
            out.srcLo = socket.sourceLo();
        }
        return emit(handle, socket.localPort(), port, length, sum);
    }

    /** Sends what {@link #out} says; {@code sum} is that of the payload, or {@link #UNKNOWN}. */
    private int emit(final long handle, final int srcPort, final int dstPort, final int length, final long sum) {
        out.protocol = UdpView.PROTOCOL;
        if (dstPort == 0 || ((out.srcHi | out.srcLo) == 0 && !output.selectSource(out))) {
            return drop(handle, StackCounter.TX_NO_ROUTE, IpOutput.NO_ROUTE);
        }
        final int udpLength = UdpView.LENGTH + length;
        packets.length(handle, udpLength);
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        if (sum == UNKNOWN) {
            UdpView.write(out, memory, offset, srcPort, dstPort, udpLength);
        } else {
            UdpView.writeHeader(out, memory, offset, srcPort, dstPort, udpLength, sum);
        }
        return output.send(handle, out);
    }

    private int drop(final long handle, final StackCounter reason, final int result) {
        counters.increment(reason);
        output.free(handle);
        return result;
    }
}
