package io.millrace.stack.socket.raw;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.PacketInbox;
import io.millrace.stack.socket.QueueBudget;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6HeaderChain;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The raw sockets of a stack: hands them what they want and sends what they made. On the stack's thread. */
public final class RawEngine {
    private static final int QUEUED_PACKETS = 64;

    private final IpOutput output;
    private final PacketStore packets;
    private final Counters<StackCounter> counters;
    private final QueueBudget budget;
    private final Consumer<Throwable> failures;
    private final Destinations destinations;
    private final RawPacket view = new RawPacket();
    private final IpRepr out = new IpRepr();
    private final Ipv6HeaderChain chain = new Ipv6HeaderChain();

    /** Replaced whenever a socket is opened or closed, so that handlers may do that. */
    private RawSocket[] sockets = new RawSocket[0];

    /**
     * Makes one without sockets.
     *
     * @param budget what all queues of the stack share
     * @param failures gets what handlers throw
     */
    public RawEngine(
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final QueueBudget budget,
            final Consumer<Throwable> failures) {
        this.output = output;
        this.packets = output.packets();
        this.counters = counters;
        this.budget = budget;
        this.failures = failures;
        this.destinations = new Destinations(entropy);
    }

    /**
     * Opens a socket.
     *
     * @param version 4, 6 or {@link RawSocket#ANY}
     * @param protocol 0 to 255 or {@link RawSocket#ANY}; for IPv6 that behind all extension headers
     * @param handler gets the packets; null to let them wait
     * @throws IllegalArgumentException if there is no such version or protocol
     */
    public RawSocket open(final int version, final int protocol, final @Nullable RawHandler handler) {
        if (version != IpFamily.V4 && version != IpFamily.V6 && version != RawSocket.ANY) {
            throw new IllegalArgumentException("IP version " + version + "; it is 4, 6 or RawSocket.ANY");
        }
        if (protocol < RawSocket.ANY || protocol > 255) {
            throw new IllegalArgumentException("IP protocol " + protocol + "; it is 0 to 255 or RawSocket.ANY");
        }
        final PacketInbox inbox = new PacketInbox(output, budget, QUEUED_PACKETS);
        final RawSocket socket = new RawSocket(this, version, protocol, inbox, handler);
        final List<RawSocket> all = new ArrayList<>(List.of(sockets));
        all.add(socket);
        sockets = all.toArray(RawSocket[]::new);
        return socket;
    }

    IpOutput output() {
        return output;
    }

    /**
     * Takes a packet that is checked and whole; it goes on to other sockets.
     *
     * @param ip its header, with the protocol behind all extension headers and the length of what follows them
     * @param memory where it is
     * @param ipOffset of its IP header
     * @param ipLength bytes, header included
     * @return whether any socket wants such packets
     */
    public boolean receive(
            final IpRepr ip, final MemorySegment memory, final long ipOffset, final int ipLength, final long now) {
        boolean wanted = false;
        for (final RawSocket socket : sockets) {
            if (!socket.isClosed() && socket.fits(ip.family, ip.protocol) && socket.hears(ip.interfaceIndex)) {
                wanted = true;
                deliver(socket, ip, memory, ipOffset, ipLength, now);
            }
        }
        return wanted;
    }

    /**
     * Whether a socket takes packets to others with a router alert.
     *
     * @param ip the packet's header, with the protocol behind all extension headers
     * @param alert value of the option
     */
    public boolean takesAlert(final IpRepr ip, final int alert) {
        for (final RawSocket socket : sockets) {
            if (socket.takes(ip, alert)) {
                return true;
            }
        }
        return false;
    }

    /** Hands a packet to the sockets of which {@link #takesAlert} is true; otherwise as {@link #receive}. */
    public void alert(
            final IpRepr ip,
            final int alert,
            final MemorySegment memory,
            final long ipOffset,
            final int ipLength,
            final long now) {
        for (final RawSocket socket : sockets) {
            if (socket.takes(ip, alert)) {
                deliver(socket, ip, memory, ipOffset, ipLength, now);
            }
        }
    }

    /**
     * Whether a raw socket can have sent the packet that an ICMP error quotes, as far as can be told.
     *
     * @param ip the error's own IP header
     */
    public boolean sent(final IcmpErrorRepr error, final IpRepr ip) {
        for (final RawSocket socket : sockets) {
            if (concerns(socket, error, ip)) {
                return true;
            }
        }
        return false;
    }

    /** Tells the sockets of which {@link #sent} is true of the error. */
    public void icmpError(final IcmpErrorRepr error, final IpRepr ip) {
        for (final RawSocket socket : sockets) {
            final RawHandler handler = socket.handler();
            if (handler != null && !socket.isClosed() && concerns(socket, error, ip)) {
                try {
                    handler.onError(socket, error);
                } catch (final RuntimeException e) {
                    counters.increment(StackCounter.HANDLER_FAILURES);
                    failures.accept(e);
                }
            }
        }
    }

    private boolean concerns(final RawSocket socket, final IcmpErrorRepr error, final IpRepr ip) {
        return socket.fits(error.family, error.protocol)
                && socket.hears(ip.interfaceIndex)
                && destinations.contains(error.family, error.dstHi, error.dstLo);
    }

    /** Closes all sockets. */
    public void close() {
        for (final RawSocket socket : sockets) {
            socket.close();
        }
    }

    @SuppressWarnings("ReferenceEquality") // a socket is itself, not its value
    void remove(final RawSocket socket) {
        final List<RawSocket> left = new ArrayList<>(List.of(sockets));
        left.removeIf(each -> each == socket);
        sockets = left.toArray(RawSocket[]::new);
    }

    int zone(final String zone) {
        return output.zone(zone);
    }

    int send(final RawSocket socket, final MemorySegment source, final long from, final int length) {
        if (!readHeader(source, from, length) || !socket.fits(out.family, out.protocol)) {
            counters.increment(StackCounter.TX_NOT_PERMITTED);
            return IpOutput.NOT_PERMITTED;
        }
        out.interfaceIndex = socket.zone() == RawSocket.ANY ? socket.settings().interfaceIndex() : socket.zone();
        out.strictInterface = out.interfaceIndex >= 0;
        out.broadcast = socket.settings().broadcast();
        out.loop = socket.settings().multicastLoop();
        out.headerIncluded = true;
        final boolean fill = (out.srcHi | out.srcLo) == 0;
        if (fill && !output.selectSource(out)) {
            counters.increment(StackCounter.TX_NO_ROUTE);
            return IpOutput.NO_ROUTE;
        }
        if (!fill && !socket.foreignSources() && !output.isLocalAddress(out.family, out.srcHi, out.srcLo)) {
            counters.increment(StackCounter.TX_NOT_PERMITTED);
            return IpOutput.NOT_PERMITTED;
        }
        final long handle = output.allocate(length);
        if (handle == PacketPool.NONE) {
            return IpOutput.BUSY;
        }
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        packets.length(handle, length);
        packets.copyIn(handle, 0, source, from, length);
        if (out.family == IpFamily.V4) {
            Ipv4View.src(memory, offset, out.srcLo);
        } else {
            Ipv6View.src(memory, offset, out.srcHi, out.srcLo);
        }
        destinations.add(out.family, out.dstHi, out.dstLo);
        return output.send(handle, out);
    }

    /** Reads what the header says of the packet; false if there is none, or it makes no sense. */
    private boolean readHeader(final MemorySegment source, final long from, final int length) {
        if (length < Ipv4View.MIN_LENGTH || length > PacketStore.MAX_PACKET) {
            return false;
        }
        final int version = Ipv4View.version(source, from);
        if (version == IpFamily.V4) {
            out.readIpv4(source, from);
            return out.optionsLength >= 0 && Ipv4View.MIN_LENGTH + out.optionsLength <= length;
        }
        if (version != IpFamily.V6 || length < Ipv6View.LENGTH) {
            return false;
        }
        out.readIpv6(source, from);
        out.dontFragment = false;
        if (!chain.walk(source, from, length)) {
            return false;
        }
        out.protocol = chain.protocol;
        return true;
    }

    private void deliver(
            final RawSocket socket,
            final IpRepr ip,
            final MemorySegment memory,
            final long ipOffset,
            final int ipLength,
            final long now) {
        final RawHandler handler = socket.handler();
        final boolean kept =
                handler == null && socket.inbox().queue().addCopy(output, ip, memory, ipOffset, ipLength, 0, now);
        if (handler == null && !kept) {
            counters.increment(StackCounter.RAW_QUEUE_FULL);
            return;
        }
        try {
            if (handler == null) {
                socket.inbox().signal();
            } else {
                view.wrap(ip, memory, ipOffset, ipLength, now);
                handler.onPacket(socket, view);
            }
        } catch (final RuntimeException e) {
            counters.increment(StackCounter.HANDLER_FAILURES);
            failures.accept(e);
        }
    }
}
