package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.fragment.FragmentRepr;
import io.millrace.stack.iface.fragment.Reassembly;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6HeaderChain;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;

/**
 * Walks the extension headers of an IPv6 packet for this host (RFC 8200 section 4): as many headers and options as RFC
 * 8504 section 5.3 deems enough, and not one byte behind the packet.
 */
final class ExtensionChain {
    /** {@link #walk} counted the packet as dropped. */
    static final int DROPPED = -1;

    private static final int MAX_PAYLOAD = 0xFFFF;
    private static final int MAX_OPTIONS = 16;

    private final Counters<StackCounter> counters;
    private final IcmpErrors errors;
    private final Reassembly reassembly;
    private final FragmentRepr fragment = new FragmentRepr();
    private final Ipv6HeaderChain chain = new Ipv6HeaderChain();
    private int protocol;
    private int protocolAt;

    ExtensionChain(final Counters<StackCounter> counters, final IcmpErrors errors, final Reassembly reassembly) {
        this.counters = counters;
        this.errors = errors;
        this.reassembly = reassembly;
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
        final MemorySegment memory = packet.memory;
        int type = Ipv6View.nextHeader(memory, packet.ipOffset);
        int typeAt = Ipv6View.NEXT_HEADER_OFFSET;
        int at = Ipv6View.LENGTH;
        for (int headers = 0; Ipv6ExtensionView.isExtension(type); headers++) {
            if (headers == Ipv6HeaderChain.MAX_HEADERS || packet.ipLength - at < Ipv6ExtensionView.UNIT) {
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
            if (!accept(packet, type, typeAt, at, length)) {
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

    private boolean accept(final Inbound packet, final int type, final int typeAt, final int at, final int length) {
        final MemorySegment memory = packet.memory;
        final long offset = packet.ipOffset + at;
        if (type == Ipv6ExtensionView.FRAGMENT) {
            if (packet.fragmentHeader) {
                counters.increment(StackCounter.FRAGMENT_NESTED);
                return false;
            }
            packet.fragmentHeader = true;
            return !Ipv6ExtensionView.isFragment(memory, offset) || fragment(packet, at, typeAt);
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

    /** Keeps a fragment; the packet that it completes is received next. Returns false, since here it ends. */
    private boolean fragment(final Inbound packet, final int at, final int typeAt) {
        final MemorySegment memory = packet.memory;
        final long offset = packet.ipOffset + at;
        final int headerLength = at + Ipv6ExtensionView.UNIT;
        final int place = Ipv6ExtensionView.fragmentOffset(memory, offset);
        final boolean more = Ipv6ExtensionView.moreFragments(memory, offset);
        final int length = packet.ipLength - headerLength;
        if (length == 0 || (more && (length & 7) != 0)) {
            if (more) {
                errors.parameterProblem(packet, Icmpv6View.ERRONEOUS_FIELD, Ipv6View.PAYLOAD_LENGTH_OFFSET, false);
            }
            return refuse(StackCounter.FRAGMENT_BAD_LENGTH);
        }
        if (at - Ipv6View.LENGTH + place + length > MAX_PAYLOAD) {
            final int pointer = at + Ipv6ExtensionView.FRAGMENT_OFFSET;
            errors.parameterProblem(packet, Icmpv6View.ERRONEOUS_FIELD, pointer, false);
            return refuse(StackCounter.FRAGMENT_TOO_LONG);
        }
        if (place == 0 && !holdsAllHeaders(packet)) {
            errors.parameterProblem(packet, Icmpv6View.INCOMPLETE_HEADER_CHAIN, 0, false);
            return refuse(StackCounter.FRAGMENT_HEADERS_MISSING);
        }
        fragment.headerLength = headerLength;
        fragment.typeAt = typeAt;
        fragment.place = place;
        fragment.length = length;
        fragment.more = more;
        fragment.protocol = 0;
        fragment.id = Ipv6ExtensionView.id(memory, offset);
        packet.copyTo(fragment);
        packet.whole = reassembly.add(fragment, packet.now);
        return false;
    }

    /** Whether a first fragment has all headers up to that of the upper layer, that included (RFC 7112 section 5). */
    private boolean holdsAllHeaders(final Inbound packet) {
        if (!chain.walk(packet.memory, packet.ipOffset, packet.ipLength)) {
            return false;
        }
        final int least = switch (chain.protocol) {
            case TcpView.PROTOCOL -> TcpView.MIN_LENGTH;
            case UdpView.PROTOCOL -> UdpView.LENGTH;
            case Icmpv6View.PROTOCOL -> IcmpView.LENGTH;
            default -> 0;
        };
        return packet.ipLength - chain.length >= least;
    }

    private boolean refuse(final StackCounter reason) {
        counters.increment(reason);
        return false;
    }

    private boolean acceptOptions(final Inbound packet, final int from, final int end) {
        final MemorySegment memory = packet.memory;
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

    private int drop(final StackCounter reason) {
        counters.increment(reason);
        return DROPPED;
    }
}
