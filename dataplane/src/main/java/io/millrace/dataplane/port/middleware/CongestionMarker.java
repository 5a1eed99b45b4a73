package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * Marks packets as a congested router does (RFC 3168 section 5): what is ECN-capable becomes "congestion experienced",
 * IPv4's header checksum is kept right, and everything else passes as it is. How many packets are marked is up to
 * {@link Faults#mutation()}. Keeps no state.
 */
public final class CongestionMarker implements PacketMutator {
    private static final int ETHER_TYPE_OFFSET = 12;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86DD;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int IPV4_CHECKSUM_OFFSET = 10;

    /** The last two bits of IPv4's second byte, and where they are in IPv6, whose traffic class is four bits off. */
    private static final int ECN_V4 = 0x0003;

    private static final int ECN_V6 = 0x0030;

    private final Medium medium;

    /** Makes a marker for ports of this medium. */
    public CongestionMarker(final Medium medium) {
        this.medium = medium;
    }

    @Override
    public int mutate(
            final Direction direction,
            final RandomGenerator random,
            final MemorySegment memory,
            final long offset,
            final int length,
            final int room) {
        final int header = medium.headerLength();
        final long ip = offset + header;
        final int version = version(memory, offset, length - header);
        if (version == 4 && length - header >= IPV4_HEADER) {
            final int before = Net.u16(memory, ip);
            if ((before & ECN_V4) != 0) {
                final int checksum = Net.u16(memory, ip + IPV4_CHECKSUM_OFFSET);
                Net.put16(memory, ip, before | ECN_V4);
                Net.put16(
                        memory,
                        ip + IPV4_CHECKSUM_OFFSET,
                        InternetChecksum.update16(checksum, before, before | ECN_V4));
            }
        } else if (version == 6 && length - header >= IPV6_HEADER) {
            final int before = Net.u16(memory, ip);
            if ((before & ECN_V6) != 0) {
                Net.put16(memory, ip, before | ECN_V6);
            }
        }
        return length;
    }

    private int version(final MemorySegment memory, final long offset, final int left) {
        if (left < 1) {
            return 0;
        }
        return switch (medium) {
            case ETHERNET -> versionOfType(Net.u16(memory, offset + ETHER_TYPE_OFFSET));
            case IP -> Net.u8(memory, offset) >>> 4;
        };
    }

    private static int versionOfType(final int type) {
        return switch (type) {
            case IPV4 -> 4;
            case IPV6 -> 6;
            default -> 0;
        };
    }
}
