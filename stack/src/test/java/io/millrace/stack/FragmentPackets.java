package io.millrace.stack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fragments of packets from the peer to the stack of a {@link StackRig}, byte by byte. */
final class FragmentPackets {
    static final String US4 = "192.0.2.1";
    static final String PEER4 = "192.0.2.2";
    static final String US6 = "2001:db8::1";
    static final String PEER6 = "2001:db8::2";

    private FragmentPackets() {}

    /** Our address. */
    static String us(final boolean v4) {
        return v4 ? US4 : US6;
    }

    /** The peer's address. */
    static String peer(final boolean v4) {
        return v4 ? PEER4 : PEER6;
    }

    /** One fragment. */
    static byte[] fragment(
            final boolean v4,
            final int id,
            final int protocol,
            final int place,
            final boolean more,
            final byte[] part) {
        return fragmentFrom(peer(v4), us(v4), id, protocol, place, more, part);
    }

    /** One fragment of anyone's. */
    static byte[] fragmentFrom(
            final String src,
            final String dst,
            final int id,
            final int protocol,
            final int place,
            final boolean more,
            final byte[] part) {
        if (src.indexOf(':') < 0) {
            final byte[] packet = Bytes.ipv4(src, dst, protocol, part);
            Bytes.put16(packet, 4, id);
            Bytes.put16(packet, 6, (more ? 0x2000 : 0) | place / 8);
            return Bytes.sealIpv4(packet);
        }
        return Bytes.ipv6(src, dst, 44, Bytes.join(header(id, protocol, place, more), part));
    }

    /** A fragment header of IPv6. */
    static byte[] header(final int id, final int nextHeader, final int place, final boolean more) {
        final byte[] header = {(byte) nextHeader, 0, 0, 0, 0, 0, 0, 0};
        Bytes.put16(header, 2, place | (more ? 1 : 0));
        Bytes.put16(header, 4, id >>> 16);
        Bytes.put16(header, 6, id);
        return header;
    }

    /** A payload in fragments of {@code size} bytes, a multiple of 8, in order. */
    static List<byte[]> split(
            final boolean v4, final int id, final int protocol, final byte[] payload, final int size) {
        final List<byte[]> fragments = new ArrayList<>();
        for (int at = 0; at < payload.length; at += size) {
            final int end = Math.min(payload.length, at + size);
            fragments.add(fragment(v4, id, protocol, at, end < payload.length, Arrays.copyOfRange(payload, at, end)));
        }
        return fragments;
    }
}
