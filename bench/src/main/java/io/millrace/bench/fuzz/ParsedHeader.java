package io.millrace.bench.fuzz;

import io.millrace.stack.wire.ArpRepr;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetRepr;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4Repr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6FragmentRepr;
import io.millrace.stack.wire.Ipv6OptionRepr;
import io.millrace.stack.wire.Ipv6OptionsRepr;
import io.millrace.stack.wire.Ipv6Repr;
import io.millrace.stack.wire.Ipv6RoutingRepr;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpRepr;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;

/**
 * What all kinds of headers have in common: they are parsed, and written again.
 *
 * @param repr the header
 * @param parser reads it
 * @param emitter writes it, with what is behind it if a checksum covers that
 */
record ParsedHeader(Object repr, Parser parser, Emitter emitter) {
    /** More than any packet: where a header tells of a payload that is not written with it. */
    private static final int ANY_LENGTH = 70_000;

    private static final IpRepr V4 = addresses(IpFamily.V4, 0, 0xC000_0201L);
    private static final IpRepr V6 = addresses(IpFamily.V6, 0x2001_0DB8L << 32, 1);

    /** Reads a header. */
    @FunctionalInterface
    interface Parser {
        /**
         * Reads one.
         *
         * @param written whether it was written by us, so that its checksum must be right
         * @return bytes that will be written; -1 if it is refused
         */
        int parse(MemorySegment memory, long offset, int length, boolean written);
    }

    /** Writes a header. */
    @FunctionalInterface
    interface Emitter {
        /** Writes one at offset 0, with what was behind it where it was parsed. */
        void emit(MemorySegment parsed, MemorySegment to);
    }

    static ParsedHeader ethernet() {
        final EthernetRepr repr = new EthernetRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) ? repr.headerLength() : -1,
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader arp() {
        final ArpRepr repr = new ArpRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) ? ArpView.LENGTH : -1,
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader ipv4() {
        final Ipv4Repr repr = new Ipv4Repr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) ->
                        repr.parse(memory, offset, written ? ANY_LENGTH : length, written) == Ipv4View.VALID
                                ? repr.headerLength()
                                : -1,
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader ipv6() {
        final Ipv6Repr repr = new Ipv6Repr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) ->
                        repr.parse(memory, offset, written ? ANY_LENGTH : length) == Ipv6View.VALID
                                ? Ipv6View.LENGTH
                                : -1,
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader options() {
        final Ipv6OptionsRepr repr = new Ipv6OptionsRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) < 0 ? -1 : repr.headerLength(),
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader option() {
        final Ipv6OptionRepr repr = new Ipv6OptionRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) < 0 ? -1 : repr.length(),
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader routing() {
        final Ipv6RoutingRepr repr = new Ipv6RoutingRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) < 0 ? -1 : repr.headerLength(),
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader fragment() {
        final Ipv6FragmentRepr repr = new Ipv6FragmentRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) ? Ipv6ExtensionView.UNIT : -1,
                (parsed, to) -> repr.emit(to, 0));
    }

    static ParsedHeader icmp(final int family) {
        final IpRepr ip = family == IpFamily.V4 ? V4 : V6;
        final IcmpRepr repr = new IcmpRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) ->
                        repr.parse(ip, memory, offset, length, written) == IcmpRepr.VALID ? repr.length(ip) : -1,
                (parsed, to) -> {
                    MemorySegment.copy(parsed, repr.dataOffset, to, IcmpView.DATA_OFFSET, repr.dataLength);
                    repr.emit(ip, to, 0);
                });
    }

    /** An error is taken apart, as one of either family, and not written again. */
    static ParsedHeader error() {
        final IcmpErrorRepr repr = new IcmpErrorRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> {
                    if (written) {
                        return 0;
                    }
                    if (length < IcmpView.LENGTH) {
                        return -1;
                    }
                    final boolean ofV4 = repr.parse(V4, memory, offset, length);
                    final boolean ofV6 = repr.parse(V6, memory, offset, length);
                    return ofV4 || ofV6 ? 0 : -1;
                },
                (parsed, to) -> {});
    }

    static ParsedHeader ndp() {
        final NdpRepr repr = new NdpRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(memory, offset, length) ? repr.length() : -1,
                (parsed, to) -> repr.emit(V6, to, 0));
    }

    static ParsedHeader udp() {
        final UdpRepr repr = new UdpRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) -> repr.parse(V6, memory, offset, length, written) == UdpRepr.VALID
                        ? UdpView.LENGTH + repr.payloadLength
                        : -1,
                (parsed, to) -> repr.emit(V6, to, 0, parsed, repr.payloadOffset));
    }

    static ParsedHeader tcp() {
        final TcpRepr repr = new TcpRepr();
        return new ParsedHeader(
                repr,
                (memory, offset, length, written) ->
                        repr.parse(memory, offset, length) && (!written || TcpView.verifies(V4, memory, offset, length))
                                ? repr.headerLength() + repr.payloadLength
                                : -1,
                (parsed, to) -> repr.emit(V4, to, 0, parsed, repr.payloadOffset));
    }

    private static IpRepr addresses(final int family, final long hi, final long lo) {
        final IpRepr ip = new IpRepr();
        ip.family = family;
        ip.srcHi = hi;
        ip.srcLo = lo;
        ip.dstHi = hi;
        ip.dstLo = lo + 1;
        return ip;
    }
}
