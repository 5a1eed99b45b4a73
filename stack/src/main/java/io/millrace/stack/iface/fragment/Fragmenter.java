package io.millrace.stack.iface.fragment;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/**
 * Cuts an IP packet that is longer than an MTU into fragments, each in a buffer of its own that begins behind the pool's
 * headroom. All buffers are had before the first one is filled, so that a packet leaves whole or not at all.
 *
 * <p>The caller asks {@link #count} how many there will be, makes sure that they can be sent, calls {@link #splitV4} or
 * {@link #splitV6} and sends {@link #fragment} 0 to count - 1; the packet itself stays the caller's. Not thread-safe.
 */
public final class Fragmenter {
    /** Most fragments of one packet: a full IPv4 packet at the least MTU, 68 bytes. */
    public static final int MAX_FRAGMENTS = 1366;

    private static final int UNIT = 8;
    private static final int MAX_EXTENSIONS = 8;

    private final PacketStore packets;
    private final MemorySegment pool;
    private final int bufferRoom;
    private final long[] handles = new long[MAX_FRAGMENTS];

    /** Makes one that allocates from {@code packets}. */
    public Fragmenter(final PacketStore packets) {
        this.packets = packets;
        this.pool = packets.pool().memory();
        this.bufferRoom = packets.bufferRoom();
    }

    /** A fragment of the packet that was split last; whoever takes it owns it. */
    public long fragment(final int index) {
        return handles[index];
    }

    /**
     * How many fragments a packet makes.
     *
     * @param ipOffset of its IP header within {@code memory}
     * @param ipLength bytes of header and payload
     * @param mtu largest fragment in bytes
     * @return fragments; 0 if it can't be split, because they are too many, the MTU has no room behind the headers, or
     *     it is a fragment of IPv6, which only its source may make
     */
    public int count(final MemorySegment memory, final long ipOffset, final int ipLength, final int mtu) {
        final boolean v4 = Ipv4View.version(memory, ipOffset) == 4;
        final int header = v4 ? Ipv4View.headerLength(memory, ipOffset) : unfragmentable(memory, ipOffset, ipLength);
        final int own = v4 ? header : header + Ipv6ExtensionView.UNIT;
        final int later = v4 ? laterHeaderLength(memory, ipOffset, header) : own;
        final int limit = Math.min(mtu, bufferRoom);
        final int first = (limit - own) & -UNIT;
        if (first < UNIT || ipLength <= header) {
            return 0;
        }
        if (v4 && Ipv4View.fragmentOffset(memory, ipOffset) + ipLength - header > 0xFFFF) {
            return 0; // a fragment that no datagram has room for
        }
        if (!v4 && Net.u8(memory, ipOffset + lastNextHeader(memory, ipOffset, header)) == Ipv6ExtensionView.FRAGMENT) {
            return 0;
        }
        final int rest = Math.max(0, ipLength - header - first);
        final int each = (limit - later) & -UNIT;
        // The last one need not end at a multiple of 8, so it may be longer than the others.
        final int last = limit - later;
        final int count = rest == 0 ? 1 : 1 + (Math.max(0, rest - last) + each - 1) / each + 1;
        return count <= MAX_FRAGMENTS ? count : 0;
    }

    /**
     * Splits an IPv4 packet whose identification is set and that may be a fragment itself. Options are copied to later
     * fragments as far as their types ask for it (RFC 791 section 3.1).
     *
     * @return whether {@link #fragment} holds {@link #count} fragments; false if there were too few buffers
     */
    public boolean splitV4(
            final MemorySegment memory, final long ipOffset, final int ipLength, final int mtu, final int count) {
        if (!allocate(count)) {
            return false;
        }
        final int header = Ipv4View.headerLength(memory, ipOffset);
        final int flags = Ipv4View.flags(memory, ipOffset);
        final int limit = Math.min(mtu, bufferRoom);
        int at = header;
        for (int i = 0; i < count; i++) {
            final long handle = handles[i];
            final long to = packets.dataOffset(handle);
            final int mine = i == 0 ? copyHeader(memory, ipOffset, header, to) : copyLaterHeader(memory, ipOffset, to);
            final boolean more = i < count - 1;
            final int length = more ? (limit - mine) & -UNIT : ipLength - at;
            MemorySegment.copy(memory, ipOffset + at, pool, to + mine, length);
            final int place = (flags & (Ipv4View.MORE_FRAGMENTS | Ipv4View.OFFSET_MASK)) + (at - header) / UNIT;
            Net.put16(pool, to + Ipv4View.TOTAL_LENGTH_OFFSET, mine + length);
            Net.put16(pool, to + Ipv4View.FLAGS_OFFSET, more ? place | Ipv4View.MORE_FRAGMENTS : place);
            Net.put16(pool, to + Ipv4View.CHECKSUM_OFFSET, 0);
            final int sum = InternetChecksum.finish(InternetChecksum.partial(pool, to, mine));
            Net.put16(pool, to + Ipv4View.CHECKSUM_OFFSET, sum);
            BufferHeader.length(pool, handle, mine + length);
            at += length;
        }
        return true;
    }

    /**
     * Splits an IPv6 packet of ours. Hop-by-hop options and a routing header go with each fragment, with what is in front
     * of them.
     *
     * @param id identification
     * @return whether {@link #fragment} holds {@link #count} fragments; false if there were too few buffers
     */
    public boolean splitV6(
            final MemorySegment memory,
            final long ipOffset,
            final int ipLength,
            final int mtu,
            final int count,
            final int id) {
        if (!allocate(count)) {
            return false;
        }
        final int header = unfragmentable(memory, ipOffset, ipLength);
        final int typeAt = lastNextHeader(memory, ipOffset, header);
        final int mine = header + Ipv6ExtensionView.UNIT;
        final int limit = Math.min(mtu, bufferRoom);
        int at = header;
        for (int i = 0; i < count; i++) {
            final long handle = handles[i];
            final long to = packets.dataOffset(handle);
            final boolean more = i < count - 1;
            final int length = more ? (limit - mine) & -UNIT : ipLength - at;
            MemorySegment.copy(memory, ipOffset, pool, to, header);
            MemorySegment.copy(memory, ipOffset + at, pool, to + mine, length);
            final int type = Net.u8(memory, ipOffset + typeAt);
            Net.put8(pool, to + typeAt, Ipv6ExtensionView.FRAGMENT);
            Net.put16(pool, to + Ipv6View.PAYLOAD_LENGTH_OFFSET, mine - Ipv6View.LENGTH + length);
            Ipv6ExtensionView.writeFragment(pool, to + header, type, at - header, more, id);
            BufferHeader.length(pool, handle, mine + length);
            at += length;
        }
        return true;
    }

    private boolean allocate(final int count) {
        for (int i = 0; i < count; i++) {
            handles[i] = packets.allocate();
            if (handles[i] == PacketPool.NONE) {
                for (int j = 0; j < i; j++) {
                    packets.free(handles[j]);
                }
                return false;
            }
        }
        return true;
    }

    private int copyHeader(final MemorySegment memory, final long ipOffset, final int header, final long to) {
        MemorySegment.copy(memory, ipOffset, pool, to, header);
        return header;
    }

    /** Writes a header with those options that each fragment must have; returns its bytes. */
    private int copyLaterHeader(final MemorySegment memory, final long ipOffset, final long to) {
        MemorySegment.copy(memory, ipOffset, pool, to, Ipv4View.MIN_LENGTH);
        final int end = Ipv4View.headerLength(memory, ipOffset);
        int length = Ipv4View.MIN_LENGTH;
        for (int at = Ipv4View.OPTIONS_OFFSET; at < end; at += optionLength(memory, ipOffset, at, end)) {
            if (isCopied(memory, ipOffset + at)) {
                final int option = optionLength(memory, ipOffset, at, end);
                MemorySegment.copy(memory, ipOffset + at, pool, to + length, option);
                length += option;
            }
        }
        while ((length & 3) != 0) {
            Net.put8(pool, to + length++, Ipv4View.OPTION_END);
        }
        Net.put8(pool, to + Ipv4View.VERSION_IHL_OFFSET, 4 << 4 | length >>> 2);
        return length;
    }

    private static int laterHeaderLength(final MemorySegment memory, final long ipOffset, final int header) {
        int length = Ipv4View.MIN_LENGTH;
        for (int at = Ipv4View.OPTIONS_OFFSET; at < header; at += optionLength(memory, ipOffset, at, header)) {
            if (isCopied(memory, ipOffset + at)) {
                length += optionLength(memory, ipOffset, at, header);
            }
        }
        return (length + 3) & -4;
    }

    private static boolean isCopied(final MemorySegment memory, final long option) {
        return (Net.u8(memory, option) & 0x80) != 0;
    }

    /** Bytes of an option; up to the header's end after the last one, or if its length makes no sense. */
    private static int optionLength(final MemorySegment memory, final long ipOffset, final int at, final int end) {
        final int type = Net.u8(memory, ipOffset + at);
        if (type == Ipv4View.OPTION_NOP) {
            return 1;
        }
        final int length = type == Ipv4View.OPTION_END || at + 1 == end ? 0 : Net.u8(memory, ipOffset + at + 1);
        return length < 2 || length > end - at ? end - at : length;
    }

    /** Bytes of the IPv6 header and of those behind it that nodes on the way must see (RFC 8200 section 4.5). */
    private static int unfragmentable(final MemorySegment memory, final long ipOffset, final int ipLength) {
        int type = Ipv6View.nextHeader(memory, ipOffset);
        int at = Ipv6View.LENGTH;
        int part = at;
        for (int i = 0; i < MAX_EXTENSIONS && ipLength - at >= Ipv6ExtensionView.UNIT; i++) {
            if (type != Ipv6ExtensionView.HOP_BY_HOP
                    && type != Ipv6ExtensionView.ROUTING
                    && type != Ipv6ExtensionView.DESTINATION_OPTIONS) {
                break;
            }
            final int length = Ipv6ExtensionView.length(memory, ipOffset + at);
            if (length > ipLength - at) {
                break;
            }
            at += length;
            if (type != Ipv6ExtensionView.DESTINATION_OPTIONS) {
                part = at;
            }
            type = Ipv6ExtensionView.nextHeader(memory, ipOffset + at - length);
        }
        return part;
    }

    /** Where the type of what follows the first {@code header} bytes stands. */
    private static int lastNextHeader(final MemorySegment memory, final long ipOffset, final int header) {
        int typeAt = Ipv6View.NEXT_HEADER_OFFSET;
        int at = Ipv6View.LENGTH;
        while (at < header) {
            typeAt = at;
            at += Ipv6ExtensionView.length(memory, ipOffset + at);
        }
        return typeAt;
    }
}
