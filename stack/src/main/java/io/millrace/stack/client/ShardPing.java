package io.millrace.stack.client;

import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.icmp.IcmpMessage;
import io.millrace.stack.socket.icmp.IcmpSocket;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The shard's end of a socket for echo requests and their replies, which may not have an identifier yet. */
final class ShardPing extends ShardPackets {
    private static final int HEADER = 8;
    private static final long IDENTIFIER = 4;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final SocketSettings early = new SocketSettings();
    private @Nullable IcmpSocket<IpAddress> socket;
    private @Nullable IpAddress remote;

    ShardPing(final ClientService service) {
        super(service);
        update();
    }

    /** The place that it has: its address, and its identifier for a port. */
    @Nullable
    Endpoint<IpAddress> local() {
        final IcmpSocket<IpAddress> current = socket;
        return current == null ? null : new Endpoint<>(current.local(), current.boundTo());
    }

    @Nullable
    IpAddress remote() {
        return remote;
    }

    @Override
    SocketSettings settings() {
        return socket == null ? early : socket.settings();
    }

    @Override
    int readable() {
        return socket == null ? 0 : socket.readable();
    }

    @Override
    @Nullable
    ReceivedPacket next(final boolean peek) {
        final IcmpSocket<IpAddress> current = socket;
        if (current == null) {
            return null;
        }
        for (IcmpMessage message = current.peek(); message != null; message = current.peek()) {
            if (isWanted(message)) {
                return peek ? message : current.receive();
            }
            current.receive(); // a request with our identifier, an error, or somebody else's reply
        }
        return null;
    }

    private boolean isWanted(final IcmpMessage message) {
        final int reply = message.family() == IpFamily.V4 ? Icmpv4View.ECHO_REPLY : Icmpv6View.ECHO_REPLY;
        final IpAddress from = remote;
        return message.type() == reply
                && (from == null || (from.hi() == message.sourceHi() && from.lo() == message.sourceLo()));
    }

    @Override
    int transmit(final Operation operation) {
        final IpAddress to = operation.port == 0 ? remote : IpAddress.of(operation.family, operation.hi, operation.lo);
        if (to == null) {
            return SocketError.EDESTADDRREQ.result();
        }
        if (!isRequest(to, operation)) {
            return SocketError.EINVAL.result();
        }
        final boolean v4 = to.family() == IpFamily.V4;
        if (socket == null) {
            final int opened = open(v4 ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED, 0);
            if (opened < 0) {
                return opened;
            }
        }
        final IcmpSocket<IpAddress> current = socket;
        if (current == null || current.local().family() != to.family()) {
            return SocketError.EAFNOSUPPORT.result();
        }
        operation.memory.set(SHORT, operation.offset + IDENTIFIER, (short) current.boundTo());
        return current.send(to, operation.memory, operation.offset, operation.length);
    }

    /** As Linux, which lets nothing else out of such a socket. */
    private static boolean isRequest(final IpAddress to, final Operation operation) {
        final MemorySegment memory = operation.memory;
        final int request = to.family() == IpFamily.V4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST;
        return operation.length >= HEADER
                && IcmpView.type(memory, operation.offset) == request
                && IcmpView.code(memory, operation.offset) == 0;
    }

    @Override
    int place(final Operation operation) {
        if (socket != null || !(operation.argument instanceof Endpoint<?> local)) {
            return SocketError.EINVAL.result();
        }
        return open(local.address(), local.port());
    }

    private int open(final IpAddress local, final int identifier) {
        try {
            final IcmpSocket<IpAddress> opened =
                    service.stack().bindEcho(local, identifier == 0 ? -1 : identifier, null);
            opened.onWaiting(this::onWaiting);
            opened.settings()
                    .hopLimit(early.hopLimit())
                    .multicastHopLimit(early.multicastHopLimit())
                    .multicastLoop(early.multicastLoop())
                    .trafficClass(early.trafficClass())
                    .flowLabel(early.flowLabel())
                    .broadcast(early.broadcast())
                    .interfaceIndex(early.interfaceIndex())
                    .multicastInterface(early.multicastInterface())
                    .dontFragment(early.dontFragment());
            socket = opened;
            return 0;
        } catch (final AddressInUseException e) {
            return SocketError.EADDRINUSE.result();
        } catch (final IllegalArgumentException e) {
            return SocketError.EADDRNOTAVAIL.result();
        }
    }

    @Override
    int connect(final Operation operation) {
        if (!(operation.argument instanceof Endpoint<?> to)) {
            remote = null;
            return 0;
        }
        if (service.stack().sourceTowards(to.address()) == null) {
            return SocketError.ENETUNREACH.result();
        }
        remote = to.address();
        return 0;
    }

    @Override
    boolean isConnected() {
        return remote != null;
    }

    @Override
    void release() {
        final IcmpSocket<IpAddress> current = socket;
        if (current != null) {
            current.close();
        }
    }
}
