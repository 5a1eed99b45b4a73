package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes packets of payloads and sends them. */
final class UdpSender {
    /** In place of a payload's sum: nobody summed it. */
    private static final long UNKNOWN = -1;

    private final IpOutput output;
    private final PacketStore packets;
    private final Counters<StackCounter> counters;
    private final IpRepr out = new IpRepr();
    private final long[] run = new long[UdpSegments.MOST];

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
     * Sends a copy of a payload: in one datagram, or in several if {@link SendOptions#segmentSize} says so.
     *
     * @param zone index of the interface that the destination's zone means, or {@link UdpTable#NO_ZONE}
     * @throws IllegalArgumentException if no datagram is as long, or an option is out of its range
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
        if (options != null && options.segmentSize > 0 && length > options.segmentSize) {
            final int sent =
                    sendSegments(socket, zone, hi, lo, port, source, offset, length, options.segmentSize, options);
            return sent < 0 ? -sent : sent == length ? IpOutput.SENT : IpOutput.BUSY;
        }
        check(options);
        if (socket.isClosed()) {
            return IpOutput.NO_ROUTE;
        }
        final long handle = copy(source, offset, length);
        return handle == PacketPool.NONE
                ? IpOutput.BUSY
                : send(socket, handle, zone, hi, lo, port, length, options, copied);
    }

    /**
     * Sends a packet whose payload is in place; takes it over, even if it throws.
     *
     * @param zone index of the interface that the destination's zone means, or {@link UdpTable#NO_ZONE}
     * @throws IllegalArgumentException if an option is out of its range
     * @throws IndexOutOfBoundsException if the payload does not fit into the packet
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
        if (socket.isClosed()) {
            free(handle);
            return IpOutput.NO_ROUTE;
        }
        try {
            Objects.checkFromIndexSize(0, length, roomFrom(handle, payloadOffset(handle)));
            check(options);
        } catch (final IllegalArgumentException | IndexOutOfBoundsException e) {
            free(handle);
            throw e;
        }
        return send(socket, handle, zone, hi, lo, port, length, options, UNKNOWN);
    }

    private static void check(final @Nullable SendOptions options) {
        if (options != null) {
            options.check();
        }
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
        final int refused = describe(socket, zone, hi, lo, options);
        return refused == IpOutput.SENT
                ? emit(socket, handle, port, length, sum, options)
                : drop(handle, StackCounter.TX_NOT_PERMITTED, refused);
    }

    /** Says in {@link #out} where packets go, and how. Returns {@link IpOutput#SENT} or why they may not. */
    private int describe(
            final UdpSocket<?> socket,
            final int zone,
            final long hi,
            final long lo,
            final @Nullable SendOptions options) {
        out.family = socket.place.family();
        out.srcHi = socket.place.sourceHi(socket.flow);
        out.srcLo = socket.place.sourceLo(socket.flow);
        out.dstHi = hi;
        out.dstLo = lo;
        socket.settings().apply(out, options);
        if (zone != UdpTable.NO_ZONE) {
            out.interfaceIndex = zone;
            out.strictInterface = true;
        }
        final boolean foreign =
                options != null && options.hasSource() && !output.isLocalAddress(out.family, out.srcHi, out.srcLo);
        return foreign ? IpOutput.NOT_PERMITTED : IpOutput.SENT;
    }

    /**
     * Sends a copy of bytes in datagrams of one size, the last one perhaps shorter.
     *
     * @return bytes sent, all or whole datagrams; below zero, why none was, as a result of {@link IpOutput}
     * @throws IllegalArgumentException if length or size is out of range, or an option
     * @throws IndexOutOfBoundsException if the bytes are not all in {@code source}
     */
    int sendSegments(
            final UdpSocket<?> socket,
            final int zone,
            final long hi,
            final long lo,
            final int port,
            final MemorySegment source,
            final long offset,
            final int length,
            final int size,
            final @Nullable SendOptions options) {
        if (length < 1 || size < 1 || size > UdpView.MAX_PAYLOAD) {
            throw new IllegalArgumentException(length + " bytes in datagrams of " + size
                    + "; send 1 or more, in datagrams of 1 to " + UdpView.MAX_PAYLOAD);
        }
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        check(options);
        if (socket.isClosed()) {
            return -IpOutput.NO_ROUTE;
        }
        final int refused = describe(socket, zone, hi, lo, options);
        if (refused != IpOutput.SENT) {
            counters.increment(StackCounter.TX_NOT_PERMITTED);
            return -refused;
        }
        out.protocol = UdpView.PROTOCOL;
        out.dontFragment = true;
        final boolean nowhere = port == 0 || ((out.srcHi | out.srcLo) == 0 && !output.selectSource(out));
        final int mtu = nowhere ? 0 : output.pathMtu(out);
        if (mtu == 0) {
            counters.increment(StackCounter.TX_NO_ROUTE);
            return -IpOutput.NO_ROUTE;
        }
        final int longest = UdpView.LENGTH + Math.min(size, length);
        if (longest > Math.min(mtu - IpFamily.headerLength(out.family), packets.bufferRoom())) {
            counters.increment(StackCounter.TX_TOO_BIG);
            return -IpOutput.TOO_BIG;
        }
        int done = 0;
        int count = 1;
        while (done < length && count > 0) {
            count = fill(socket.place.port(), port, source, offset + done, length - done, size);
            if (count > 0 && length - done <= count * size) {
                stamp(socket, run[count - 1], options);
            }
            final int sent = count == 0 ? 0 : output.sendRun(run, count, out);
            if (sent < 0) {
                return done == 0 ? sent : done;
            }
            done = Math.min(done + sent * size, length);
            count = sent < count ? 0 : count;
        }
        return done == 0 ? -IpOutput.BUSY : done;
    }

    /** Makes datagrams of bytes. Returns how many; fewer than there should be if buffers are short. */
    private int fill(
            final int srcPort,
            final int dstPort,
            final MemorySegment source,
            final long offset,
            final int length,
            final int size) {
        int count = 0;
        for (int at = 0; at < length && count < run.length; at += size) {
            final int part = Math.min(size, length - at);
            final long handle = copy(source, offset + at, part);
            if (handle == PacketPool.NONE) {
                break;
            }
            final int udpLength = UdpView.LENGTH + part;
            packets.length(handle, udpLength);
            write(handle, srcPort, dstPort, udpLength, copied);
            run[count++] = handle;
        }
        return count;
    }

    private void write(final long handle, final int srcPort, final int dstPort, final int udpLength, final long sum) {
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        if (sum == UNKNOWN) {
            UdpView.write(out, memory, offset, srcPort, dstPort, udpLength);
        } else {
            UdpView.writeHeader(out, memory, offset, srcPort, dstPort, udpLength, sum);
        }
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
            out.srcHi = socket.place.sourceHi(socket.flow);
            out.srcLo = socket.place.sourceLo(socket.flow);
        }
        return emit(socket, handle, port, length, sum, null);
    }

    /** Sends what {@link #out} says; {@code sum} is that of the payload, or {@link #UNKNOWN}. */
    private int emit(
            final UdpSocket<?> socket,
            final long handle,
            final int dstPort,
            final int length,
            final long sum,
            final @Nullable SendOptions options) {
        out.protocol = UdpView.PROTOCOL;
        if (dstPort == 0 || ((out.srcHi | out.srcLo) == 0 && !output.selectSource(out))) {
            return drop(handle, StackCounter.TX_NO_ROUTE, IpOutput.NO_ROUTE);
        }
        final int udpLength = UdpView.LENGTH + length;
        packets.length(handle, udpLength);
        write(handle, socket.place.port(), dstPort, udpLength, sum);
        stamp(socket, handle, options);
        return output.send(handle, out);
    }

    private void stamp(final UdpSocket<?> socket, final long handle, final @Nullable SendOptions options) {
        final UdpTimes times = socket.timesOrNull();
        final int stages = times == null ? SendStage.NONE : times.stages(options);
        if (times != null && stages != SendStage.NONE) {
            times.onPacket(output, handle, stages);
        }
    }

    private int drop(final long handle, final StackCounter reason, final int result) {
        counters.increment(reason);
        output.free(handle);
        return result;
    }
}
