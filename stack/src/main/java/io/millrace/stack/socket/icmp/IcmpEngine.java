package io.millrace.stack.socket.icmp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.PacketInbox;
import io.millrace.stack.socket.QueueBudget;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * ICMP for applications: answers echo requests, hands echo replies and errors to the sockets that are bound to what they
 * concern. One for each stack, on its thread.
 */
@SuppressWarnings("ReferenceEquality") // a socket is itself, not its value
public final class IcmpEngine {
    /** Bytes of the longest message: IP's length field less its header for IPv4. */
    private static final int MAX_MESSAGE_V4 = 0xFFFF - 20;

    private static final int MAX_MESSAGE_V6 = 0xFFFF;
    private static final int QUEUED_MESSAGES = 64;

    private final IpOutput output;
    private final PacketStore packets;
    private final EchoIdentifiers identifiers;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> errors;
    private final QueueBudget budget;
    private final EchoResponder responder;
    private final IcmpReceivers receivers = new IcmpReceivers();
    private final EchoReply reply = new EchoReply();
    private final IcmpMessage view = new IcmpMessage();
    private final IpRepr out = new IpRepr();

    /**
     * Makes one without sockets.
     *
     * @param budget what all queues of the stack share
     * @param repliesPerSecond most echo requests that are answered, the same number at once
     * @param timestamps whether timestamp requests are answered too
     * @param errors gets what handlers throw
     */
    public IcmpEngine(
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final QueueBudget budget,
            final int repliesPerSecond,
            final boolean timestamps,
            final Consumer<Throwable> errors) {
        this.output = output;
        this.packets = output.packets();
        this.identifiers = new EchoIdentifiers(entropy);
        this.counters = counters;
        this.budget = budget;
        this.errors = errors;
        this.responder = new EchoResponder(output, entropy, counters, repliesPerSecond, timestamps);
    }

    /**
     * Opens a socket that asks for echoes.
     *
     * @param zone name or index of the interface to ask by; empty to let routes decide
     * @throws AddressInUseException if all identifiers are in use
     * @throws IllegalArgumentException if there is no such interface
     */
    public <A extends IpAddress> PingSocket<A> ping(final A remote, final String zone, final PingHandler handler) {
        final int by = zone(zone);
        final int identifier = freeIdentifier(remote.family());
        final PingSocket<A> socket = new PingSocket<>(
                this,
                IcmpReceivers.key(remote.family(), IcmpReceivers.ECHO, identifier),
                by,
                remote,
                identifier,
                handler);
        receivers.add(socket);
        return socket;
    }

    /**
     * Opens a socket that is bound to an echo identifier.
     *
     * @param local our address; the unspecified one for all
     * @param zone name or index of the interface that it is limited to; empty for none
     * @param identifier 0 to 65,535; -1 for a random free one, of several shards one whose replies come here
     * @param handler gets the messages; null to let them wait
     * @throws AddressInUseException if another socket has the identifier, or none is free
     * @throws IllegalArgumentException if the identifier is out of its range, or no interface has the address
     */
    public <A extends IpAddress> IcmpSocket<A> bindEcho(
            final A local, final String zone, final int identifier, final @Nullable IcmpHandler handler) {
        final int family = local.family();
        if (identifier < -1 || identifier >= EchoIdentifiers.COUNT) {
            throw new IllegalArgumentException("ICMP identifier " + identifier + "; it is 0 to 65535, or -1 for any");
        }
        final int chosen = identifier == -1 ? freeIdentifier(family) : identifier;
        if (hasEcho(family, chosen)) {
            throw new AddressInUseException("ICMP identifier " + chosen + " is in use by another socket");
        }
        return bind(local, zone(zone), IcmpReceivers.ECHO, chosen, handler);
    }

    /**
     * Opens a socket that receives errors about what was sent from a port.
     *
     * @param protocol UDP (17) or TCP (6)
     * @param local address and port; the unspecified address for all of ours; a zone limits it to an interface
     * @param handler gets the messages; null to let them wait
     * @throws IllegalArgumentException if it is another protocol, or port 0
     */
    public <A extends IpAddress> IcmpSocket<A> bindErrors(
            final int protocol, final Endpoint<A> local, final @Nullable IcmpHandler handler) {
        if ((protocol != UdpView.PROTOCOL && protocol != TcpView.PROTOCOL) || local.port() == 0) {
            throw new IllegalArgumentException("cannot receive errors of protocol " + protocol + ", port "
                    + local.port() + "; it is 17 (UDP) or 6 (TCP), and a port from 1 to 65535");
        }
        return bind(local.address(), zone(local.zone()), protocol, local.port(), handler);
    }

    /**
     * Takes a message whose checksum is right, and that is no error.
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
        final MemorySegment memory = packets.memory(handle);
        final int type = IcmpView.type(memory, offset);
        final boolean v4 = ip.family == IpFamily.V4;
        if (type == (v4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST)) {
            tellOfRequest(ip, memory, offset, length, now);
            responder.answer(ip, handle, offset, length, group, now);
        } else if (type == (v4 ? Icmpv4View.ECHO_REPLY : Icmpv6View.ECHO_REPLY)) {
            // Whoever asked is one host (RFC 1122 section 3.2.2.6); Linux delivers those of ICMPv6 all the same.
            if ((v4 && group) || !deliverReply(ip, memory, offset, length, now)) {
                counters.increment(StackCounter.ICMP_NO_SOCKET);
            }
        } else if (v4 && type == Icmpv4View.TIMESTAMP && responder.answersTimestamps()) {
            responder.answer(ip, handle, offset, length, group, now);
        } else {
            counters.increment(StackCounter.ICMP_UNHANDLED);
        }
    }

    /**
     * Whether a socket of this engine wants to hear of an ICMP error about a packet of one of our addresses, whatever its
     * protocol.
     *
     * @param ip the error's own IP header
     */
    public boolean wants(final IcmpErrorRepr error, final IpRepr ip) {
        for (IcmpReceiver receiver = receivers.about(error); receiver != null; receiver = receiver.next) {
            if (wants(receiver, error, ip)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells the sockets of which {@link #wants} is true of an ICMP error.
     *
     * @param error what it says
     * @param ip the error's own IP header
     * @param memory where the message is
     * @param offset of the ICMP header
     * @param length bytes of the message
     */
    public void icmpError(
            final IcmpErrorRepr error,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long now) {
        IcmpReceiver receiver = receivers.about(error);
        while (receiver != null) {
            final IcmpReceiver next = receiver.next; // a handler may close this one, or the next
            if (wants(receiver, error, ip)) {
                if (receiver instanceof PingSocket<?> socket) {
                    tell(socket, error);
                } else if (receiver instanceof IcmpSocket<?> socket) {
                    deliver(socket, ip, memory, offset, length, true, now);
                }
            }
            receiver = next;
        }
    }

    private static boolean wants(final IcmpReceiver receiver, final IcmpErrorRepr error, final IpRepr ip) {
        return !receiver.closed
                && switch (receiver) {
                    case PingSocket<?> socket ->
                        socket.hears(ip.interfaceIndex)
                                && socket.remote().lo() == error.dstLo
                                && socket.remote().hi() == error.dstHi;
                    case IcmpSocket<?> socket -> socket.at(error.srcHi, error.srcLo, ip.interfaceIndex);
                };
    }

    /** Closes all sockets. */
    public void close() {
        for (final IcmpReceiver receiver : receivers.all()) {
            switch (receiver) {
                case PingSocket<?> socket -> socket.close();
                case IcmpSocket<?> socket -> socket.close();
            }
        }
    }

    void remove(final IcmpReceiver receiver) {
        receivers.remove(receiver);
    }

    int request(
            final PingSocket<?> socket,
            final int sequence,
            final MemorySegment source,
            final long from,
            final int length,
            final @Nullable SendOptions options) {
        final int total = IcmpView.LENGTH + length;
        final int refused = prepare(socket.remote(), socket.zone, 0, 0, socket.settings(), total, options);
        if (refused != IpOutput.SENT) {
            return refused;
        }
        final long handle = copy(total, IcmpView.LENGTH, source, from, length);
        if (handle == PacketPool.NONE) {
            return IpOutput.BUSY;
        }
        final int type = out.family == IpFamily.V4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST;
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        IcmpView.writeEcho(memory, offset, type, socket.identifier(), sequence & 0xFFFF);
        seal(out, memory, offset, total);
        return output.send(handle, out);
    }

    int send(
            final IcmpSocket<?> socket,
            final IpAddress remote,
            final MemorySegment source,
            final long from,
            final int length,
            final @Nullable SendOptions options) {
        if (length < IcmpView.LENGTH) {
            throw new IllegalArgumentException("ICMP message of " + length + " bytes; its header alone has 8");
        }
        final IpAddress local = socket.local();
        final int refused = prepare(remote, socket.zone, local.hi(), local.lo(), socket.settings(), length, options);
        if (refused != IpOutput.SENT) {
            return refused;
        }
        final long handle = copy(length, 0, source, from, length);
        if (handle == PacketPool.NONE) {
            return IpOutput.BUSY;
        }
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        IcmpView.checksum(memory, offset, 0);
        seal(out, memory, offset, length);
        return output.send(handle, out);
    }

    /** A new packet of {@code total} bytes with a copy of an application's; {@link PacketPool#NONE} if there is none. */
    private long copy(final int total, final int at, final MemorySegment source, final long from, final int length) {
        final long handle = output.allocate(total);
        if (handle != PacketPool.NONE) {
            packets.length(handle, total);
            packets.copyIn(handle, at, source, from, length);
        }
        return handle;
    }

    /** Fills in the header of what is to be sent; returns {@link IpOutput#SENT} or why it cannot be. */
    private int prepare(
            final IpAddress remote,
            final int zone,
            final long srcHi,
            final long srcLo,
            final SocketSettings settings,
            final int length,
            final @Nullable SendOptions options) {
        if (options != null) {
            options.check();
        }
        final boolean v4 = remote.family() == IpFamily.V4;
        if (length > (v4 ? MAX_MESSAGE_V4 : MAX_MESSAGE_V6)) {
            return IpOutput.TOO_BIG;
        }
        out.family = remote.family();
        out.srcHi = srcHi;
        out.srcLo = srcLo;
        out.dstHi = remote.hi();
        out.dstLo = remote.lo();
        out.protocol = v4 ? Icmpv4View.PROTOCOL : Icmpv6View.PROTOCOL;
        settings.apply(out, options);
        if (zone != IcmpReceiver.NO_ZONE) {
            out.interfaceIndex = zone;
            out.strictInterface = true;
        }
        if ((out.srcHi | out.srcLo) == 0) {
            return output.selectSource(out) ? IpOutput.SENT : IpOutput.NO_ROUTE;
        }
        return output.isLocalAddress(out.family, out.srcHi, out.srcLo) ? IpOutput.SENT : IpOutput.NOT_PERMITTED;
    }

    private <A extends IpAddress> IcmpSocket<A> bind(
            final A local, final int zone, final int protocol, final int bound, final @Nullable IcmpHandler handler) {
        final boolean ours = zone == IcmpReceiver.NO_ZONE
                ? output.isLocalAddress(local.family(), local.hi(), local.lo())
                : output.isAddressOf(zone, local);
        if (!local.isUnspecified() && !ours) {
            throw new IllegalArgumentException("cannot bind to " + local + ": no interface has that address");
        }
        final PacketInbox inbox = new PacketInbox(output, budget, QUEUED_MESSAGES);
        final IcmpSocket<A> socket =
                new IcmpSocket<>(this, IcmpReceivers.key(local.family(), protocol, bound), zone, local, inbox, handler);
        receivers.add(socket);
        return socket;
    }

    private int zone(final String zone) {
        return zone.isEmpty() ? IcmpReceiver.NO_ZONE : output.zone(zone);
    }

    private int freeIdentifier(final int family) {
        return identifiers.choose(identifier -> hasEcho(family, identifier));
    }

    /** Sets which identifiers echoes may have that are asked for here: those whose replies come here. */
    public void placement(final FlowPlacement newPlacement) {
        identifiers.placement(newPlacement);
    }

    /** Whether a socket has an echo identifier. */
    public boolean hasEcho(final int family, final int identifier) {
        return receivers.echo(family, identifier) != null;
    }

    /** Shows the identifiers that sockets have, each perhaps once for a family. */
    public void forEachEcho(final IntConsumer visitor) {
        receivers.forEachEcho(visitor);
    }

    private boolean deliverReply(
            final IpRepr ip, final MemorySegment memory, final long offset, final int length, final long now) {
        final IcmpReceiver receiver = receivers.echo(ip.family, IcmpView.identifier(memory, offset));
        if (receiver instanceof IcmpSocket<?> socket) {
            if (socket.at(ip.dstHi, ip.dstLo, ip.interfaceIndex)) {
                deliver(socket, ip, memory, offset, length, false, now);
                return true;
            }
        } else if (receiver instanceof PingSocket<?> socket
                && socket.hears(ip.interfaceIndex)
                && expects(socket.remote(), ip)) {
            final long data = offset + IcmpView.DATA_OFFSET;
            reply.wrap(ip, memory, data, length - IcmpView.LENGTH, IcmpView.sequence(memory, offset), now);
            try {
                socket.handler().onReply(socket, reply);
            } catch (final RuntimeException e) {
                failed(e);
            }
            return true;
        }
        return false;
    }

    /** Shows a request to the socket with its identifier, before it is answered in its place. */
    private void tellOfRequest(
            final IpRepr ip, final MemorySegment memory, final long offset, final int length, final long now) {
        if (!receivers.isEmpty()
                && receivers.echo(ip.family, IcmpView.identifier(memory, offset)) instanceof IcmpSocket<?> socket
                && socket.at(ip.dstHi, ip.dstLo, ip.interfaceIndex)) {
            deliver(socket, ip, memory, offset, length, false, now);
        }
    }

    private void tell(final PingSocket<?> socket, final IcmpErrorRepr error) {
        try {
            socket.handler().onError(socket, error);
        } catch (final RuntimeException e) {
            failed(e);
        }
    }

    private void deliver(
            final IcmpSocket<?> socket,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final boolean error,
            final long now) {
        final IcmpHandler handler = socket.handler();
        if (handler == null
                && !socket.inbox().queue().addCopy(output, ip, memory, offset, length, error ? 1 : 0, now)) {
            counters.increment(StackCounter.ICMP_QUEUE_FULL);
            return;
        }
        try {
            if (handler == null) {
                socket.inbox().signal();
            } else {
                view.wrap(ip, memory, offset, length, error, now);
                handler.onMessage(socket, view);
            }
        } catch (final RuntimeException e) {
            failed(e);
        }
    }

    private void failed(final RuntimeException failure) {
        counters.increment(StackCounter.HANDLER_FAILURES);
        errors.accept(failure);
    }

    /** Whether a reply is from the host that was asked, or from anyone if a group or everyone was. */
    private boolean expects(final IpAddress remote, final IpRepr ip) {
        return (remote.lo() == ip.srcLo && remote.hi() == ip.srcHi)
                || remote.isMulticast()
                || output.isBroadcast(remote.family(), remote.hi(), remote.lo());
    }

    /** Writes the checksum of a message whose checksum field is 0. */
    static void seal(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        if (ip.family == IpFamily.V4) {
            Icmpv4View.seal(memory, offset, length);
        } else {
            Icmpv6View.seal(ip, memory, offset, length);
        }
    }
}
