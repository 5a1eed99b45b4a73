package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.icmp.IcmpMessage;
import io.millrace.stack.socket.icmp.IcmpSocket;
import io.millrace.stack.socket.raw.RawPacket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * ICMP messages, errors that quote packets of ours, and packets of any protocol to raw sockets, ICMP sockets and ping,
 * and what an application might send through these. A frame of the engine's is a byte that says which, and the rest of
 * the packet behind the headers.
 *
 * <p>What must hold besides: what a socket tells of a packet lies within the packet.
 */
public final class SocketFuzz {
    private static final int KINDS = 7;
    private static final int SEND_RAW = 252;
    private static final int SEND_ICMP = 253;
    private static final int IDENTIFIER = 7;
    private static final int QUOTED_PAYLOAD = 64;
    private static final MemorySegment COPY = Arena.global().allocate(1 << 16);
    private static final IpRepr IP = new IpRepr();

    private SocketFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        run(input);
    }

    /** Feeds one input and gives what the stack counted. */
    static Counters<StackCounter> run(final byte[] input) {
        final Sockets sockets = new Sockets();
        return new FuzzedStack(Medium.IP)
                .lenient()
                .completion(SocketFuzz::complete)
                .sockets(sockets::open)
                .check(stack -> sockets.drain())
                .feed(input);
    }

    /** Sockets of every kind, with a handler and without. */
    private static final class Sockets {
        private final List<RawSocket> raw = new ArrayList<>();
        private final List<IcmpSocket<?>> icmp = new ArrayList<>();

        void open(final Stack stack) {
            final RawSocket sender = stack.openRaw(RawSocket.ANY, RawSocket.ANY, null);
            sender.settings().broadcast(true);
            raw.add(sender);
            for (final IpAddress any : List.of(Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED)) {
                final IcmpSocket<IpAddress> echo = stack.bindEcho(any, IDENTIFIER, (socket, message) -> look(message));
                icmp.add(echo);
                icmp.add(stack.bindEcho(any, IDENTIFIER + 1, null));
                icmp.add(stack.bindErrors(
                        UdpView.PROTOCOL, new Endpoint<>(any, FuzzedStack.PORT), (socket, message) -> look(message)));
                icmp.add(stack.bindErrors(TcpView.PROTOCOL, new Endpoint<>(any, FuzzedStack.PORT), null));
                final int family = any.family();
                final long hi = family == IpFamily.V4 ? 0 : FuzzedStack.PREFIX_V6;
                final IpAddress peer = IpAddress.of(family, hi, FuzzedStack.address(family, 2));
                raw.add(stack.openRaw(family, SEND_ICMP, (socket, packet) -> {
                    look(packet);
                    if (packet.payloadLength() >= IcmpView.LENGTH) {
                        echo.send(peer, packet.memory(), packet.payloadOffset(), packet.payloadLength());
                    }
                }));
                raw.add(stack.openRaw(family, SEND_RAW, (socket, packet) -> {
                    look(packet);
                    sender.foreignSources((packet.trafficClass() & 1) != 0);
                    sender.send(packet.memory(), packet.payloadOffset(), packet.payloadLength());
                }));
            }
        }

        void drain() {
            for (final RawSocket socket : raw) {
                for (RawPacket packet = socket.receive(); packet != null; packet = socket.receive()) {
                    look(packet);
                }
            }
            for (final IcmpSocket<?> socket : icmp) {
                for (IcmpMessage message = socket.receive(); message != null; message = socket.receive()) {
                    look(message);
                }
            }
        }
    }

    private static void look(final RawPacket packet) {
        within("packet", packet.length(), packet.copyTo(COPY, 0, packet.length()));
        final long payload = packet.payloadOffset() - packet.offset();
        if (payload < Ipv4View.MIN_LENGTH || payload + packet.payloadLength() != packet.length()) {
            throw new AssertionError("a payload of " + packet.payloadLength() + " bytes at " + payload
                    + " in a packet of " + packet.length());
        }
        if (packet.source().family() != packet.family() || packet.destination().family() != packet.family()) {
            throw new AssertionError("a packet of family " + packet.family() + " from " + packet.source());
        }
    }

    private static void look(final IcmpMessage message) {
        if (message.length() < IcmpView.LENGTH || message.type() < 0 || message.code() < 0) {
            throw new AssertionError("an ICMP message of " + message.length() + " bytes");
        }
        within("message", message.length(), message.copyTo(COPY, 0, message.length()));
        final IcmpErrorRepr error = message.error();
        if (error != null) {
            final long quoted = error.quotedOffset - message.offset();
            final long transport = error.transportOffset - message.offset();
            if (quoted < IcmpView.LENGTH
                    || quoted + error.quotedLength > message.length()
                    || transport < quoted
                    || transport + error.transportLength > message.length()) {
                throw new AssertionError("an error of " + message.length() + " bytes quotes " + error.quotedLength
                        + " at " + quoted + ", " + error.transportLength + " at " + transport);
            }
        }
    }

    private static void within(final String what, final int length, final int copied) {
        if (copied != length) {
            throw new AssertionError(copied + " bytes of a " + what + " of " + length);
        }
    }

    private static int complete(final MemorySegment memory, final long offset, final int length, final int room) {
        if (length < 1) {
            return 0;
        }
        final int kind = (Net.u8(memory, offset) & 0x7F) % KINDS;
        final boolean v4 = (Net.u8(memory, offset) & 0x80) == 0;
        final int body = Math.min(length - 1, room - 256);
        return switch (kind) {
            case 0, 1 -> icmp(memory, offset, v4, body);
            case 2, 3, 4 -> error(memory, offset, v4, kind, body);
            default -> other(memory, offset, v4, kind == 5 ? SEND_RAW : SEND_ICMP, body);
        };
    }

    /** A message of the engine's with the right checksum. */
    private static int icmp(final MemorySegment memory, final long offset, final boolean v4, final int body) {
        final int header = headerLength(v4);
        MemorySegment.copy(memory, offset + 1, memory, offset + header, body);
        write(memory, offset, v4, v4 ? Icmpv4View.PROTOCOL : Icmpv6View.PROTOCOL, body);
        if (body >= IcmpView.LENGTH) {
            seal(memory, offset + header, v4, body);
        }
        return header + body;
    }

    /**
     * An error about a packet of ours. The engine has its type and code, the four bytes behind them, and what is quoted
     * behind the IP header.
     */
    private static int error(
            final MemorySegment memory, final long offset, final boolean v4, final int kind, final int body) {
        if (body < IcmpView.LENGTH) {
            return 0;
        }
        final int header = headerLength(v4);
        final int quotedBytes = Math.min(body - 6, QUOTED_PAYLOAD);
        final long at = offset + header;
        final long quoted = at + IcmpView.LENGTH;
        final int payload = IcmpView.LENGTH + header + quotedBytes;
        final int type = Net.u8(memory, offset + 1);
        final int code = Net.u8(memory, offset + 2);
        final int parameter = Net.i32(memory, offset + 3);
        MemorySegment.copy(memory, offset + 7, memory, quoted + header, quotedBytes);
        final int protocol = kind == 2
                ? UdpView.PROTOCOL
                : kind == 3 ? TcpView.PROTOCOL : v4 ? Icmpv4View.PROTOCOL : Icmpv6View.PROTOCOL;
        write(memory, quoted, v4, protocol, quotedBytes);
        swap(memory, quoted, v4);
        write(memory, offset, v4, v4 ? Icmpv4View.PROTOCOL : Icmpv6View.PROTOCOL, payload);
        IcmpView.typeAndCode(memory, at, v4 ? 3 + type % 10 : 1 + type % 4, code % 16);
        Net.put32(memory, at + 4, parameter);
        seal(memory, at, v4, payload);
        return header + payload;
    }

    /** A packet of a protocol that tells an application to send what is in it. */
    private static int other(
            final MemorySegment memory, final long offset, final boolean v4, final int protocol, final int body) {
        final int header = headerLength(v4);
        MemorySegment.copy(memory, offset + 1, memory, offset + header, body);
        write(memory, offset, v4, protocol, body);
        return header + body;
    }

    private static int headerLength(final boolean v4) {
        return v4 ? Ipv4View.MIN_LENGTH : Ipv6View.LENGTH;
    }

    /** Writes a header from the peer to us. */
    private static void write(
            final MemorySegment memory, final long at, final boolean v4, final int protocol, final int payload) {
        IP.family = v4 ? IpFamily.V4 : IpFamily.V6;
        IP.srcHi = v4 ? 0 : FuzzedStack.PREFIX_V6;
        IP.srcLo = FuzzedStack.address(IP.family, 2);
        IP.dstHi = IP.srcHi;
        IP.dstLo = FuzzedStack.address(IP.family, 1);
        if (v4) {
            final int total = Ipv4View.MIN_LENGTH + payload;
            Ipv4View.write(memory, at, payload & 1, total, 0, 0, 64, protocol, IP.srcLo, IP.dstLo);
        } else {
            Ipv6View.write(memory, at, payload & 1, 0, payload, protocol, 64, IP.srcHi, IP.srcLo, IP.dstHi, IP.dstLo);
        }
    }

    /** Turns the header of a packet to us into that of one from us. */
    private static void swap(final MemorySegment memory, final long at, final boolean v4) {
        if (v4) {
            Net.put32(memory, at + Ipv4View.SRC_OFFSET, (int) IP.dstLo);
            Net.put32(memory, at + Ipv4View.DST_OFFSET, (int) IP.srcLo);
        } else {
            Net.put64(memory, at + Ipv6View.SRC_OFFSET + 8, IP.dstLo);
            Net.put64(memory, at + Ipv6View.DST_OFFSET + 8, IP.srcLo);
        }
    }

    private static void seal(final MemorySegment memory, final long at, final boolean v4, final int length) {
        IcmpView.checksum(memory, at, 0);
        if (v4) {
            Icmpv4View.seal(memory, at, length);
        } else {
            Icmpv6View.seal(IP, memory, at, length);
        }
    }
}
