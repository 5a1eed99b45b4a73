package io.millrace.stack.socket.icmp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.TokenBucket;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.agrona.collections.Int2ObjectHashMap;

/** Answers echo requests and hands echo replies to the sockets that asked. One for each stack, on its thread. */
public final class IcmpEngine {
    private static final int HOP_LIMIT = 64;
    private static final int IDENTIFIERS = 0x1_0000;

    /** Longest message; over IPv4 the IP header takes 20 bytes of it. */
    private static final int MAX_MESSAGE = 0xFFFF;

    private final IpOutput output;
    private final PacketStore packets;
    private final Entropy entropy;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> errors;
    private final TokenBucket replies;
    private final Int2ObjectHashMap<PingSocket<?>> sockets = new Int2ObjectHashMap<>();
    private final EchoReply view;
    private final IpRepr out = new IpRepr();

    /**
     * Makes one without sockets.
     *
     * @param repliesPerSecond most echo requests that are answered, the same number at once
     * @param errors gets what handlers throw
     */
    public IcmpEngine(
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final int repliesPerSecond,
            final Consumer<Throwable> errors) {
        this.output = output;
        this.packets = output.packets();
        this.entropy = entropy;
        this.counters = counters;
        this.errors = errors;
        this.replies = new TokenBucket(repliesPerSecond, repliesPerSecond, entropy);
        this.view = new EchoReply();
    }

    /**
     * Opens a socket that asks for echoes.
     *
     * @throws AddressInUseException if all identifiers are in use
     */
    public <A extends IpAddress> PingSocket<A> ping(final A remote, final PingHandler handler) {
        final int start = entropy.nextInt(IDENTIFIERS);
        for (int i = 0; i < IDENTIFIERS; i++) {
            final int identifier = (start + i) & 0xFFFF;
            final int key = key(remote.family(), identifier);
            if (!sockets.containsKey(key)) {
                final PingSocket<A> socket = new PingSocket<>(this, remote, identifier, handler);
                sockets.put(key, socket);
                return socket;
            }
        }
        throw new AddressInUseException("all 65536 ICMP echo identifiers are in use");
    }

    /**
     * Takes a message whose checksum is right.
     *
     * @param ip its IP header
     * @param handle its buffer, or large packet
     * @param offset of the ICMP header within the packet's memory
     * @param length bytes of the message, at least {@link IcmpView#LENGTH}
     * @param group whether it was sent to a group or to everyone
     */
    public void receive(
            final IpRepr ip,
            final long handle,
            final long offset,
            final int length,
            final boolean group,
            final long now) {
        final int type = IcmpView.type(packets.memory(handle), offset);
        final boolean v4 = ip.family == IpFamily.V4;
        if (type == (v4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST)) {
            answer(ip, handle, offset, length, group, now);
        } else if (type == (v4 ? Icmpv4View.ECHO_REPLY : Icmpv6View.ECHO_REPLY)) {
            deliver(ip, packets.memory(handle), offset, length);
        } else {
            counters.increment(StackCounter.ICMP_UNHANDLED);
        }
    }

    /**
     * Takes an ICMP error about a message.
     *
     * @return whether it is about an echo request that a socket of ours can have sent
     */
    public boolean icmpError(final IcmpErrorRepr error, final long nowMicros) {
        if (error.identifier < 0) {
            return false;
        }
        final PingSocket<?> socket = sockets.get(key(error.family, error.identifier));
        return socket != null
                && socket.remote().lo() == error.dstLo
                && socket.remote().hi() == error.dstHi;
    }

    /** Forgets all sockets. */
    public void close() {
        sockets.clear();
    }

    void remove(final PingSocket<?> socket) {
        sockets.remove(key(socket.remote().family(), socket.identifier()));
    }

    int request(
            final PingSocket<?> socket,
            final int sequence,
            final MemorySegment source,
            final long from,
            final int length) {
        final IpAddress remote = socket.remote();
        out.family = remote.family();
        out.dstHi = remote.hi();
        out.dstLo = remote.lo();
        out.hopLimit = socket.hopLimit();
        out.trafficClass = 0;
        out.interfaceIndex = -1;
        out.dontFragment = false;
        final boolean v4 = out.family == IpFamily.V4;
        out.protocol = v4 ? Icmpv4View.PROTOCOL : Icmpv6View.PROTOCOL;
        if (!output.selectSource(out)) {
            return IpOutput.NO_ROUTE;
        }
        final int total = IcmpView.LENGTH + length;
        if (total > MAX_MESSAGE) {
            return IpOutput.TOO_BIG;
        }
        final long handle = output.allocate(total);
        if (handle == PacketPool.NONE) {
            return IpOutput.BUSY;
        }
        packets.length(handle, total);
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        final int type = v4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST;
        IcmpView.writeEcho(memory, offset, type, socket.identifier(), sequence & 0xFFFF);
        MemorySegment.copy(source, from, memory, offset + IcmpView.DATA_OFFSET, length);
        seal(memory, offset, total);
        return output.send(handle, out);
    }

    private void answer(
            final IpRepr ip,
            final long handle,
            final long offset,
            final int length,
            final boolean group,
            final long now) {
        final boolean v4 = ip.family == IpFamily.V4;
        if (v4 && group) {
            // RFC 1122 section 3.2.2.6 allows to be silent, and smurfs taught everyone to be.
            counters.increment(StackCounter.ICMP_ECHO_BROADCAST);
            return;
        }
        if (!replies.take(now)) {
            counters.increment(StackCounter.ICMP_ECHO_RATE_LIMITED);
            return;
        }
        out.replyTo(ip, HOP_LIMIT);
        out.trafficClass = ip.trafficClass;
        out.protocol = ip.protocol;
        if (group && !output.selectSource(out)) {
            counters.increment(StackCounter.TX_NO_ROUTE);
            return;
        }
        final MemorySegment memory = packets.memory(handle);
        final int request = v4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST;
        final int reply = v4 ? Icmpv4View.ECHO_REPLY : Icmpv6View.ECHO_REPLY;
        final int code = IcmpView.code(memory, offset);
        final int checksum = IcmpView.checksum(memory, offset);
        // The message goes back as it is: begin the packet at it, change the type.
        packets.bounds(handle, offset, length);
        if (group) {
            IcmpView.writeEcho(
                    memory, offset, reply, IcmpView.identifier(memory, offset), IcmpView.sequence(memory, offset));
            seal(memory, offset, length);
        } else {
            // Swapped addresses leave the pseudo header's sum as it was.
            IcmpView.typeAndCode(memory, offset, reply, 0);
            IcmpView.checksum(memory, offset, InternetChecksum.update16(checksum, request << 8 | code, reply << 8));
        }
        counters.increment(StackCounter.ECHO_REPLIES_SENT);
        output.send(handle, out);
    }

    private void deliver(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        final PingSocket<?> socket = sockets.get(key(ip.family, IcmpView.identifier(memory, offset)));
        if (socket == null || !expects(socket.remote(), ip)) {
            counters.increment(StackCounter.ICMP_NO_SOCKET);
            return;
        }
        final int dataLength = length - IcmpView.LENGTH;
        view.wrap(ip, memory, offset + IcmpView.DATA_OFFSET, dataLength, IcmpView.sequence(memory, offset));
        try {
            socket.handler().onReply(socket, view);
        } catch (final RuntimeException e) {
            counters.increment(StackCounter.HANDLER_FAILURES);
            errors.accept(e);
        }
    }

    /** Whether a reply is from the host that was asked, or from anyone if a group was. */
    private static boolean expects(final IpAddress remote, final IpRepr ip) {
        return (remote.lo() == ip.srcLo && remote.hi() == ip.srcHi) || remote.isMulticast();
    }

    private void seal(final MemorySegment memory, final long offset, final int length) {
        if (out.family == IpFamily.V4) {
            Icmpv4View.seal(memory, offset, length);
        } else {
            Icmpv6View.seal(out, memory, offset, length);
        }
    }

    private static int key(final int family, final int identifier) {
        return family << 16 | identifier;
    }
}
