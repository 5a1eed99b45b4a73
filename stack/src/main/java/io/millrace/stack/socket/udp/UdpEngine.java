package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Receives datagrams for sockets and sends theirs. One for each stack, on its thread. */
public final class UdpEngine {
    /** Result of {@link #receive}: the buffer is still the caller's. */
    public static final int DONE = 0;

    /** Result of {@link #receive}: the buffer was taken over. */
    public static final int TAKEN = 1;

    /** Result of {@link #receive}: nobody serves the port, which the sender may be told; the buffer is the caller's. */
    public static final int NO_PORT = 2;

    /** TTL or hop limit of what sockets send unless they say otherwise (RFC 1340). */
    static final int HOP_LIMIT = 64;

    /** First port of the dynamic range (RFC 6335 section 6). */
    private static final int EPHEMERAL_FIRST = 49_152;

    private static final int EPHEMERAL_COUNT = 16_384;

    private final IpOutput output;
    private final PacketStore packets;
    private final Entropy entropy;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> errors;
    private final UdpTable table;
    private final UdpDatagram view;
    private final IpRepr out = new IpRepr();
    private final int queueLimit;
    private final int queuedLimit;
    private int queued;

    /**
     * Makes one without sockets.
     *
     * @param queueLimit most datagrams that wait for one socket
     * @param errors gets what handlers throw
     */
    public UdpEngine(
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final int queueLimit,
            final Consumer<Throwable> errors) {
        this.output = output;
        this.packets = output.packets();
        this.entropy = entropy;
        this.counters = counters;
        this.errors = errors;
        this.table = new UdpTable(entropy);
        this.view = new UdpDatagram(this);
        this.queueLimit = queueLimit;
        // Sockets that nobody reads must not starve the rest of the stack.
        this.queuedLimit = Math.max(1, packets.pool().capacity() / 4);
    }

    /**
     * Opens a socket.
     *
     * @param local where it receives; the unspecified address for any of ours, port 0 for a random free one (RFC 6056)
     * @param handler gets the datagrams; null to let them wait
     * @throws AddressInUseException if another socket is bound there, or no port is free
     * @throws IllegalArgumentException if the address is none of ours
     */
    public <A extends IpAddress> UdpSocket<A> bind(final Endpoint<A> local, final @Nullable UdpHandler handler) {
        final IpAddress address = local.address();
        if (!address.isUnspecified() && !output.isLocalAddress(address.family(), address.hi(), address.lo())) {
            throw new IllegalArgumentException("cannot bind to " + local + ": no interface has that address");
        }
        final Endpoint<A> endpoint = local.port() != 0 ? local : new Endpoint<>(local.address(), freePort(address));
        if (table.get(address.family(), address.hi(), address.lo(), endpoint.port()) != null) {
            throw new AddressInUseException("UDP endpoint " + endpoint + " is in use by another socket");
        }
        final UdpSocket<A> socket = new UdpSocket<>(this, endpoint, handler);
        table.add(socket);
        return socket;
    }

    /**
     * Takes a datagram.
     *
     * @param ip its IP header
     * @param handle its buffer, or large packet
     * @param offset of the UDP header within the packet's memory
     * @param length bytes of the IP payload
     * @return {@link #DONE}, {@link #TAKEN} or {@link #NO_PORT}
     */
    public int receive(final IpRepr ip, final long handle, final long offset, final int length) {
        if (length < UdpView.LENGTH) {
            return drop(StackCounter.UDP_TRUNCATED);
        }
        final MemorySegment memory = packets.memory(handle);
        final int udpLength = UdpView.length(memory, offset);
        if (udpLength < UdpView.LENGTH || udpLength > length) {
            return drop(StackCounter.UDP_BAD_LENGTH);
        }
        if (UdpView.checksum(memory, offset) == 0) {
            if (ip.family == IpFamily.V6) {
                return drop(StackCounter.UDP_NO_CHECKSUM);
            }
        } else if (!UdpView.verifies(ip, memory, offset, udpLength)) {
            return drop(StackCounter.UDP_BAD_CHECKSUM);
        }
        final int port = UdpView.dstPort(memory, offset);
        if (port == 0) {
            return drop(StackCounter.UDP_PORT_ZERO);
        }
        final UdpSocket<?> socket = table.find(ip.family, ip.dstHi, ip.dstLo, port);
        if (socket == null) {
            counters.increment(StackCounter.UDP_NO_PORT);
            return NO_PORT;
        }
        final long payload = offset + UdpView.LENGTH;
        final int payloadLength = udpLength - UdpView.LENGTH;
        final int sourcePort = UdpView.srcPort(memory, offset);
        final UdpHandler handler = socket.handler();
        if (handler == null) {
            return enqueue(socket, ip, handle, payload, payloadLength, sourcePort);
        }
        view.wrap(ip, memory, handle, payload, payloadLength, sourcePort, port);
        try {
            handler.onDatagram(socket, view);
        } catch (final RuntimeException e) {
            counters.increment(StackCounter.HANDLER_FAILURES);
            errors.accept(e);
        }
        return view.release() == PacketPool.NONE ? TAKEN : DONE;
    }

    /**
     * Takes an ICMP error about a datagram.
     *
     * @return whether a socket of ours can have sent it
     */
    public boolean icmpError(final IcmpErrorRepr error, final long nowMicros) {
        return error.srcPort > 0 && table.find(error.family, error.srcHi, error.srcLo, error.srcPort) != null;
    }

    /** Number of open sockets. */
    public int sockets() {
        return table.size();
    }

    /** Closes all sockets. */
    public void close() {
        UdpSocket<?> socket = table.any();
        while (socket != null) {
            socket.close();
            socket = table.any();
        }
    }

    long allocate(final int length) {
        final long handle = output.allocate(UdpView.LENGTH + length);
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

    /** Bytes from a place in a packet's buffer to the buffer's end. */
    int roomFrom(final long handle, final long offset) {
        return packets.roomFrom(handle, offset);
    }

    /** A new packet with a copy of a payload; {@link PacketPool#NONE} if there is none. */
    long copy(final MemorySegment source, final long offset, final int length) {
        if (length < 0 || length > UdpView.MAX_PAYLOAD) {
            throw new IllegalArgumentException(
                    "payload of " + length + " bytes; UDP carries 0 to " + UdpView.MAX_PAYLOAD);
        }
        final long handle = allocate(length);
        if (handle != PacketPool.NONE) {
            MemorySegment.copy(source, offset, packets.memory(handle), payloadOffset(handle), length);
        }
        return handle;
    }

    int send(
            final UdpSocket<?> socket,
            final long handle,
            final long hi,
            final long lo,
            final int port,
            final int length) {
        out.family = socket.family();
        out.srcHi = socket.localHi();
        out.srcLo = socket.localLo();
        out.dstHi = hi;
        out.dstLo = lo;
        out.protocol = UdpView.PROTOCOL;
        out.hopLimit = socket.hopLimit();
        out.trafficClass = 0;
        out.interfaceIndex = -1;
        out.dontFragment = socket.dontFragment();
        return emit(handle, socket.localPort(), port, length);
    }

    int reply(
            final long handle,
            final long payload,
            final int length,
            final IpRepr received,
            final int srcPort,
            final int dstPort) {
        // The packet begins at its UDP header from now on: what lay in front of it becomes headroom.
        final long header = payload - UdpView.LENGTH;
        packets.bounds(handle, header, UdpView.LENGTH + length);
        return answer(handle, length, received, srcPort, dstPort);
    }

    int replyCopy(
            final MemorySegment source,
            final long offset,
            final int length,
            final IpRepr received,
            final int srcPort,
            final int dstPort) {
        final long handle = copy(source, offset, length);
        return handle == PacketPool.NONE ? IpOutput.BUSY : answer(handle, length, received, srcPort, dstPort);
    }

    UdpQueue newQueue() {
        return new UdpQueue(this, new UdpDatagram(this), queueLimit);
    }

    void dequeued() {
        queued--;
    }

    void remove(final UdpSocket<?> socket) {
        table.remove(socket);
    }

    private int answer(
            final long handle, final int length, final IpRepr received, final int srcPort, final int dstPort) {
        out.replyTo(received, HOP_LIMIT);
        out.protocol = UdpView.PROTOCOL;
        if (!output.isLocalAddress(out.family, out.srcHi, out.srcLo)) {
            // It was sent to a group or to everyone.
            out.srcHi = 0;
            out.srcLo = 0;
        }
        return emit(handle, srcPort, dstPort, length);
    }

    private int emit(final long handle, final int srcPort, final int dstPort, final int length) {
        if (dstPort == 0 || ((out.srcHi | out.srcLo) == 0 && !output.selectSource(out))) {
            counters.increment(StackCounter.TX_NO_ROUTE);
            output.free(handle);
            return IpOutput.NO_ROUTE;
        }
        final int udpLength = UdpView.LENGTH + length;
        packets.length(handle, udpLength);
        UdpView.write(out, packets.memory(handle), packets.dataOffset(handle), srcPort, dstPort, udpLength);
        return output.send(handle, out);
    }

    private int enqueue(
            final UdpSocket<?> socket,
            final IpRepr ip,
            final long handle,
            final long payload,
            final int length,
            final int sourcePort) {
        if (queued == queuedLimit
                || keepsLarge(handle)
                || !socket.queue().add(ip, handle, payload, length, sourcePort, socket.localPort())) {
            return drop(StackCounter.UDP_QUEUE_FULL);
        }
        queued++;
        return TAKEN;
    }

    /** Whether to keep a large packet for those who send and reassemble, instead of letting one more wait. */
    private boolean keepsLarge(final long handle) {
        return PacketStore.isLarge(handle) && packets.largeAvailable() < packets.largeCapacity() / 4;
    }

    private int freePort(final IpAddress address) {
        // RFC 6056 section 3.3.1: a random start, then one after the other.
        int candidate = entropy.nextInt(EPHEMERAL_COUNT);
        for (int i = 0; i < EPHEMERAL_COUNT; i++) {
            final int port = EPHEMERAL_FIRST + candidate;
            if (table.find(address.family(), address.hi(), address.lo(), port) == null) {
                return port;
            }
            candidate = (candidate + 1) % EPHEMERAL_COUNT;
        }
        throw new AddressInUseException("all UDP ports from " + EPHEMERAL_FIRST + " on are in use");
    }

    private int drop(final StackCounter reason) {
        counters.increment(reason);
        return DONE;
    }
}
