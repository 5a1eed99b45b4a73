package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.ReplyLimit;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6HeaderChain;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * Tells senders what is wrong with their packets, where RFC 1122 section 3.2.2 and RFC 4443 section 2.4 allow it: never
 * about an ICMP error, a packet to a group, a fragment other than the first or a source that names no single host, and
 * not more often than a limit for all and one for each source give.
 */
final class IcmpErrors {
    private static final int HOP_LIMIT = 64;

    /** Largest IPv4 packet with an error (RFC 1812 section 4.3.2.3). */
    private static final int MAX_LENGTH_V4 = 576;

    // Codes that both families or only this class know.
    private static final int NO_ROUTE = 0;
    private static final int IN_TRANSIT = 0;
    private static final int REDIRECT_HOST = 1;
    private static final int BEYOND_SCOPE = 2;

    private final IpLayer output;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final ReplyLimit bucket;
    private final IpRepr out = new IpRepr();
    private final Ipv6HeaderChain chain = new Ipv6HeaderChain();

    IcmpErrors(final IpLayer output, final Counters<StackCounter> counters, final ReplyLimit bucket) {
        this.output = output;
        this.memory = output.memory();
        this.counters = counters;
        this.bucket = bucket;
    }

    /** Tells that nobody serves the packet's port. */
    void portUnreachable(final Inbound packet) {
        if (packet.ip.family == IpFamily.V4) {
            send(packet, Icmpv4View.UNREACHABLE, Icmpv4View.PORT_UNREACHABLE, 0, false);
        } else {
            send(packet, Icmpv6View.UNREACHABLE, Icmpv6View.PORT_UNREACHABLE, 0, false);
        }
    }

    /** Tells that the packet's protocol is not served (IPv4). */
    void protocolUnreachable(final Inbound packet) {
        send(packet, Icmpv4View.UNREACHABLE, Icmpv4View.PROTOCOL_UNREACHABLE, 0, false);
    }

    /** Tells that the packet's next hop does not answer. */
    void hostUnreachable(final Inbound packet) {
        if (packet.ip.family == IpFamily.V4) {
            send(packet, Icmpv4View.UNREACHABLE, Icmpv4View.HOST_UNREACHABLE, 0, false);
        } else {
            send(packet, Icmpv6View.UNREACHABLE, Icmpv6View.ADDRESS_UNREACHABLE, 0, false);
        }
    }

    /** Tells that no route leads to the packet's destination: net unreachable, or no route (RFC 4443 section 3.1). */
    void noRoute(final Inbound packet) {
        final boolean v4 = packet.ip.family == IpFamily.V4;
        send(packet, v4 ? Icmpv4View.UNREACHABLE : Icmpv6View.UNREACHABLE, NO_ROUTE, 0, false);
    }

    /** Tells that the packet's source is not known where its destination is (IPv6). */
    void beyondScope(final Inbound packet) {
        send(packet, Icmpv6View.UNREACHABLE, BEYOND_SCOPE, 0, false);
    }

    /** Tells that the packet made as many hops as it may. */
    void timeExceeded(final Inbound packet) {
        final boolean v4 = packet.ip.family == IpFamily.V4;
        send(packet, v4 ? Icmpv4View.TIME_EXCEEDED : Icmpv6View.TIME_EXCEEDED, IN_TRANSIT, 0, false);
    }

    /**
     * Tells that the packet is too long for the next link (RFC 1191 section 4, RFC 4443 section 3.2).
     *
     * @param mtu largest IP packet there
     */
    void tooBig(final Inbound packet, final int mtu) {
        if (packet.ip.family == IpFamily.V4) {
            send(packet, Icmpv4View.UNREACHABLE, Icmpv4View.FRAGMENTATION_NEEDED, mtu, false);
        } else {
            send(packet, Icmpv6View.PACKET_TOO_BIG, 0, mtu, true);
        }
    }

    /**
     * Tells a neighbour that another router is nearer to the packet's destination (IPv4).
     *
     * @param gateway address of that router
     */
    void redirect(final Inbound packet, final int gateway) {
        if (send(packet, Icmpv4View.REDIRECT, REDIRECT_HOST, gateway, false)) {
            counters.increment(StackCounter.REDIRECTS_SENT);
        }
    }

    /**
     * Tells what in the packet is wrong (IPv6).
     *
     * @param pointer bytes from the IP header to it
     * @param evenToGroup whether the packet's destination may be a group
     */
    void parameterProblem(final Inbound packet, final int code, final int pointer, final boolean evenToGroup) {
        send(packet, Icmpv6View.PARAMETER_PROBLEM, code, pointer, evenToGroup);
    }

    /** Tells that not all fragments of the packet came in time; the packet is the first of them. */
    void reassemblyTimeExceeded(final Inbound packet) {
        if (packet.ip.family == IpFamily.V4) {
            send(packet, Icmpv4View.TIME_EXCEEDED, Icmpv4View.REASSEMBLY_TIME_EXCEEDED, 0, false);
        } else {
            send(packet, Icmpv6View.TIME_EXCEEDED, Icmpv6View.REASSEMBLY_TIME_EXCEEDED, 0, false);
        }
    }

    /** Sends an error if one may be sent; returns whether it was. */
    private boolean send(
            final Inbound packet, final int type, final int code, final int parameter, final boolean evenToGroup) {
        final IpRepr ip = packet.ip;
        if (((packet.linkGroup || packet.group) && !evenToGroup)
                || !IpAddress.isUnicast(ip.family, ip.srcHi, ip.srcLo)
                || aboutErrorOrLaterFragment(packet, type)) {
            return false;
        }
        if (!bucket.take(ip, packet.now)) {
            counters.increment(StackCounter.ICMP_ERRORS_RATE_LIMITED);
            return false;
        }
        out.replyTo(ip, HOP_LIMIT);
        final boolean ours = output.isLocalAddress(out.family, out.srcHi, out.srcLo)
                && !output.isAnycast(out.family, out.srcHi, out.srcLo);
        if (!ours && !output.selectSource(out)) {
            return false;
        }
        final long handle = output.allocate();
        if (handle == PacketPool.NONE) {
            return false;
        }
        final boolean v4 = ip.family == IpFamily.V4;
        final int most = (v4 ? MAX_LENGTH_V4 : Ipv6View.MIN_MTU) - IpFamily.headerLength(ip.family) - IcmpView.LENGTH;
        final int room = output.pool().dataRoom() - output.pool().headroom() - IcmpView.LENGTH;
        // An error is never fragmented itself.
        final int path = output.pathMtu(out) - IpFamily.headerLength(ip.family) - IcmpView.LENGTH;
        final int quote = Math.max(0, Math.min(Math.min(packet.ipLength, most), Math.min(room, path)));
        final long offset = output.pool().dataOffset(handle);
        final int length = IcmpView.LENGTH + quote;
        BufferHeader.length(memory, handle, length);
        IcmpView.writeError(memory, offset, type, code, parameter);
        MemorySegment.copy(packet.memory, packet.ipOffset, memory, offset + IcmpView.DATA_OFFSET, quote);
        if (v4) {
            out.protocol = Icmpv4View.PROTOCOL;
            Icmpv4View.seal(memory, offset, length);
        } else {
            out.protocol = Icmpv6View.PROTOCOL;
            Icmpv6View.seal(out, memory, offset, length);
        }
        counters.increment(StackCounter.ICMP_ERRORS_SENT);
        output.send(handle, out);
        return true;
    }

    /**
     * Whether the packet is itself an ICMP error, or might be one since its message is missing, or is a fragment other
     * than the first. Of the latter only those of IPv6 are told of that are wrong as fragments (RFC 8200 section 4.5).
     */
    private boolean aboutErrorOrLaterFragment(final Inbound packet, final int type) {
        final IpRepr ip = packet.ip;
        if (ip.family == IpFamily.V4) {
            if (Ipv4View.fragmentOffset(packet.memory, packet.ipOffset) != 0) {
                return true;
            }
            if (ip.protocol != Icmpv4View.PROTOCOL) {
                return false;
            }
            final int at = Ipv4View.headerLength(packet.memory, packet.ipOffset);
            return at >= packet.ipLength || Icmpv4View.isError(IcmpView.type(packet.memory, packet.ipOffset + at));
        }
        if (!chain.walk(packet.memory, packet.ipOffset, packet.ipLength)) {
            return true;
        }
        if (chain.laterFragment && type != Icmpv6View.PARAMETER_PROBLEM) {
            return true;
        }
        if (chain.protocol != Icmpv6View.PROTOCOL) {
            return false;
        }
        if (chain.laterFragment) {
            return chain.fragmentOffset < Ipv6View.MIN_MTU; // no error is longer (RFC 4443 section 2.4)
        }
        return chain.length == packet.ipLength
                || Icmpv6View.isError(IcmpView.type(packet.memory, packet.ipOffset + chain.length));
    }
}
