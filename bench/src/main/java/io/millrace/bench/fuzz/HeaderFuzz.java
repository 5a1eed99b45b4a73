package io.millrace.bench.fuzz;

import io.millrace.stack.wire.IpFamily;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * Every header that can be parsed and written. What is parsed is written, and that is parsed and written once more:
 * both times it must come to the same bytes, with good checksums, and nothing may be written beyond what was announced.
 */
final class HeaderFuzz {
    private static final int SIZE = 128 * 1024;
    private static final int GUARD = 8;
    private static final byte UNTOUCHED = (byte) 0xA5;

    private final MemorySegment first = Arena.global().allocate(SIZE);
    private final MemorySegment second = Arena.global().allocate(SIZE);

    /** A kind of header, and what one of it looks like. */
    @SuppressWarnings("ImmutableEnumChecker") // the makers keep nothing
    enum Kind {
        /** Ethernet with VLAN tags. */
        ETHERNET("010203040506 111213141516 88a80064 8100f005 86dd", ParsedHeader::ethernet),
        /** ARP. */
        ARP("0001080006040001 111213141516 21222324 313233343536 41424344", ParsedHeader::arp),
        /** IPv4 with options. */
        IPV4("4600001a00000000 40017d73 11121314 21222324 94040000 aabb", ParsedHeader::ipv4),
        /** IPv6. */
        IPV6(
                "6995432100023aff fe800000000000000000000000000001 ff020000000000000000000000000001 aabb",
                ParsedHeader::ipv6),
        /** Options for each hop, or for the destination. */
        OPTIONS("3b01 05020000 1e06010203040506 0100", ParsedHeader::options),
        /** One such option. */
        OPTION("05020000", ParsedHeader::option),
        /** A routing header. */
        ROUTING("3b020201 00000007 20010db8000000000000000000000001", ParsedHeader::routing),
        /** A fragment header. */
        FRAGMENT("11000019 12345678", ParsedHeader::fragment),
        /** ICMP for IPv4: a timestamp. */
        ICMPV4("0d0034f81234abcd 00000001 00000002 00000003", () -> ParsedHeader.icmp(IpFamily.V4)),
        /** ICMP for IPv6: an echo request. */
        ICMPV6("8000bb421234abcd aa0000ff", () -> ParsedHeader.icmp(IpFamily.V6)),
        /** An error about a datagram. */
        ERROR("0304000000000578 4500001c00004000 40110000 11121314 21222324 bf00003500080000", ParsedHeader::error),
        /** Neighbour discovery: an advertisement with two options. */
        NDP("8800e94fe0000000 20010db8000000000000000000000001 0201020304050607 0e01010203040506", ParsedHeader::ndp),
        /** UDP. */
        UDP("bf000035000c3a2c aa0000ff", ParsedHeader::udp),
        /** TCP: an MSS, SACK permitted and a window scale. */
        TCP("bf000050 01234567 89abcdef 80350123 8b3e0201 020405b4 01010402 01030307 ff", ParsedHeader::tcp);

        private final String example;
        private final Supplier<ParsedHeader> maker;

        Kind(final String example, final Supplier<ParsedHeader> maker) {
            this.example = example;
            this.maker = maker;
        }

        /** A valid one, which is written just as it was parsed; an error is not written. */
        byte[] example() {
            return HexFormat.of().parseHex(example.replace(" ", ""));
        }

        ParsedHeader make() {
            return maker.get();
        }
    }

    /**
     * Parses and writes a header twice.
     *
     * @return bytes that were written; -1 if it was refused
     */
    int roundTrip(final Kind kind, final MemorySegment memory, final long offset, final int length) {
        final ParsedHeader header = kind.make();
        final int written = header.parser().parse(memory, offset, length, false);
        if (written < 0) {
            return -1;
        }
        write(kind, header, memory, first, written);
        final ParsedHeader again = kind.make();
        if (again.parser().parse(first, 0, written, true) != written) {
            throw new AssertionError(kind + ": what was written is refused, or has another length");
        }
        write(kind, again, first, second, written);
        if (MemorySegment.mismatch(first, 0, written, second, 0, written) >= 0) {
            throw new AssertionError(kind + ": a header changed on its way through emit and parse");
        }
        return written;
    }

    /** What the last header came to when it was written. */
    MemorySegment written() {
        return first;
    }

    private static void write(
            final Kind kind,
            final ParsedHeader header,
            final MemorySegment from,
            final MemorySegment to,
            final int written) {
        to.asSlice(written, GUARD).fill(UNTOUCHED);
        header.emitter().emit(from, to);
        for (int i = 0; i < GUARD; i++) {
            if (to.get(ValueLayout.JAVA_BYTE, written + i) != UNTOUCHED) {
                throw new AssertionError(kind + ": wrote beyond its " + written + " bytes");
            }
        }
    }
}
