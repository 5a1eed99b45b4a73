package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A received datagram in place: its payload, 0 to 65,527 bytes, which may be read, changed and sent back without a copy.
 */
public final class UdpDatagram extends ReceivedPacket {
    private final UdpSender udp;
    private @Nullable UdpSocket<?> socket;
    private long handle = PacketPool.NONE;
    private int sourcePort;

    UdpDatagram(final UdpSender udp) {
        this.udp = udp;
    }

    /** Source port; 0 if no answer is wanted. */
    public int sourcePort() {
        return sourcePort;
    }

    /** Source address and port, as a new object. */
    public Endpoint<? extends IpAddress> source() {
        return new Endpoint<>(sender(), sourcePort);
    }

    /** Bytes that fit into the buffer from {@link #offset()} on: the longest answer in place. 0 if it was used up. */
    public int capacity() {
        return handle == PacketPool.NONE ? 0 : udp.roomFrom(handle, offset());
    }

    /**
     * Sends the buffer back to where the datagram came from, with what is now in its first {@code newLength} bytes and
     * the socket's settings. The datagram is used up.
     *
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalStateException if the datagram was used up before, or only peeked at
     */
    public int reply(final int newLength) {
        if (handle == PacketPool.NONE || socket == null) {
            throw new IllegalStateException("the datagram was answered in place already, or only peeked at");
        }
        Objects.checkFromIndexSize(0, newLength, capacity());
        final long mine = handle;
        handle = PacketPool.NONE;
        return udp.reply(socket, mine, offset(), newLength, ip, sourcePort);
    }

    /**
     * Sends a copy of bytes back to where the datagram came from; the datagram stays as it is.
     *
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalStateException if it is no longer valid
     */
    public int reply(final MemorySegment source, final long from, final int count) {
        if (socket == null) {
            throw new IllegalStateException("there is no datagram to answer");
        }
        return udp.replyCopy(socket, source, from, count, ip, sourcePort);
    }

    void wrap(
            final UdpSocket<?> newSocket,
            final IpRepr header,
            final long newHandle,
            final MemorySegment memory,
            final long offset,
            final int length,
            final int newSourcePort,
            final long now) {
        socket = newSocket;
        point(header, memory, offset, length, now);
        handle = newHandle;
        sourcePort = newSourcePort;
    }

    /** Takes the buffer from the view; {@link PacketPool#NONE} if it was used up. */
    long release() {
        final long mine = handle;
        handle = PacketPool.NONE;
        empty();
        return mine;
    }
}
