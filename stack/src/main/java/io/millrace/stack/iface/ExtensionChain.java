package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/**
 * Walks the extension headers of an IPv6 packet for this host (RFC 8200 section 4): as many headers and options as RFC
 * 8504 section 5.3 deems enough, and not one byte behind the packet.
 */
final class ExtensionChain {
    /** {@link #walk} counted the packet as dropped. */
    static final int DROPPED = -1;

    private static final int MAX_HEADERS = 8;
    private static final int MAX_OPTIONS = 16;

    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final IcmpErrors errors;
    private int protocol;
    private int protocolAt;

    ExtensionChain(final MemorySegment memory, final Counters<StackCounter> counters, final IcmpErrors errors) {
        this.memory = memory;
        this.counters = counters;
        this.errors = errors;
    }

    /** Protocol behind the headers that {@link #walk} went through. */
    int protocol() {
        return protocol;
    }

    /**
     * Goes through all headers.
     *
     * @return bytes from the IP header to the payload, or {@link #DROPPED}
     */
    int walk(final Inbound packet) {
        int type = Ipv6View.nextHeader(memory, packet.ipOffset);
        int typeAt = Ipv6View.NEXT_HEADER_OFFSET;
        int at = Ipv6View.LENGTH;
        for (int headers = 0; Ipv6ExtensionView.isExtension(type); headers++) {
            if (headers == MAX_HEADERS || packet.ipLength - at < Ipv6ExtensionView.UNIT) {
                return drop(StackCounter.IPV6_BAD_EXTENSION);
            }
            if (type == Ipv6ExtensionView.HOP_BY_HOP && headers > 0) {
                errors.parameterProblem(packet, Icmpv6View.UNKNOWN_NEXT_HEADER, typeAt, false);
                return drop(StackCounter.IPV6_BAD_EXTENSION);
            }
            final long offset = packet.ipOffset + at;
            final int length = type == Ipv6ExtensionView.FRAGMENT
                    ? Ipv6ExtensionView.UNIT
                    : Ipv6ExtensionView.length(memory, offset);
            if (length > packet.ipLength - at) {
                return drop(StackCounter.IPV6_BAD_EXTENSION);
            }
            if (!accept(packet, type, at, length)) {
                return DROPPED;
            }
            type = Ipv6ExtensionView.nextHeader(memory, offset);
            typeAt = at;
            at += length;
        }
        if (type == Ipv6ExtensionView.NO_NEXT_HEADER) {
            return drop(StackCounter.IPV6_NO_NEXT_HEADER);
        }
        protocol = type;
        protocolAt = typeAt;
        return at;
    }

    /** Where the protocol stood that {@link #protocol} returns, in bytes from the IP header. */
    int protocolAt() {
        return protocolAt;
    }

    private boolean accept(final Inbound packet, final int type, final int at, final int length) {
        final long offset = packet.ipOffset + at;
        if (type == Ipv6ExtensionView.FRAGMENT) {
            if (Ipv6ExtensionView.isFragment(memory, offset)) {
                counters.increment(StackCounter.IPV6_FRAGMENT);
                return false;
            }
            packet.atomicFragment = true;
            return true;
        }
        if (type == Ipv6ExtensionView.ROUTING) {
            if (Ipv6ExtensionView.segmentsLeft(memory, offset) == 0) {
                return true;
            }
            // No type is followed: type 0 is dangerous (RFC 5095), the others lead through routers.
            final int pointer = at + Ipv6ExtensionView.ROUTING_TYPE_OFFSET;
            errors.parameterProblem(packet, Icmpv6View.ERRONEOUS_FIELD, pointer, false);
            counters.increment(StackCounter.IPV6_ROUTING_HEADER);
            return false;
        }
        return acceptOptions(packet, at + Ipv6ExtensionView.DATA_OFFSET, at + length);
    }

    private boolean acceptOptions(final Inbound packet, final int from, final int end) {
        int at = from;
        for (int options = 0; at < end; options++) {
            final long offset = packet.ipOffset + at;
            final int type = Net.u8(memory, offset);
            final int length = Ipv6ExtensionView.optionLength(memory, offset, end - at);
            if (length < 0 || options == MAX_OPTIONS) {
                counters.increment(StackCounter.IPV6_BAD_EXTENSION);
                return false;
            }
            final int action = Ipv6ExtensionView.action(type);
            if (action != Ipv6ExtensionView.ACTION_SKIP) {
                if (action != Ipv6ExtensionView.ACTION_DISCARD) {
                    final boolean evenToGroup = action == Ipv6ExtensionView.ACTION_DISCARD_TELL;
                    errors.parameterProblem(packet, Icmpv6View.UNKNOWN_OPTION, at, evenToGroup);
                }
                counters.increment(StackCounter.IPV6_UNKNOWN_OPTION);
                return false;
            }
            at += length;
        }
        return true;
    }

    /** Whether a packet is an ICMPv6 error, or may be one since it ends or its headers do not make sense before. */
    static boolean endsInIcmpError(final MemorySegment memory, final long ipOffset, final int length) {
        int type = Ipv6View.nextHeader(memory, ipOffset);
        int at = Ipv6View.LENGTH;
        for (int headers = 0; Ipv6ExtensionView.isExtension(type); headers++) {
            if (headers == MAX_HEADERS || length - at < Ipv6ExtensionView.UNIT) {
                return true;
            }
            final long offset = ipOffset + at;
            at += type == Ipv6ExtensionView.FRAGMENT
                    ? Ipv6ExtensionView.UNIT
                    : Ipv6ExtensionView.length(memory, offset);
            type = Ipv6ExtensionView.nextHeader(memory, offset);
        }
        return type == Icmpv6View.PROTOCOL
                && (at >= length || Icmpv6View.isError(IcmpView.type(memory, ipOffset + at)));
    }

    private int drop(final StackCounter reason) {
        counters.increment(reason);
        return DROPPED;
    }
}
