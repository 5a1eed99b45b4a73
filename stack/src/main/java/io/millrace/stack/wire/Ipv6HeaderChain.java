package io.millrace.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * Goes through the extension headers of an IPv6 packet (RFC 8200 section 4) to find what they lead to, and judges none of
 * them. Reused from packet to packet.
 *
 * <p>Not thread-safe.
 */
public final class Ipv6HeaderChain {
    /** Most headers that are gone through. */
    public static final int MAX_HEADERS = 8;

    /** Protocol of the upper layer, or of a later fragment's datagram what its first fragment begins with. */
    public int protocol;

    /** Bytes from the IPv6 header to the upper layer, or to a later fragment's data. */
    public int length;

    /** Whether this is a fragment, not the whole of a datagram. */
    public boolean fragment;

    /** Where a fragment's data belongs, bytes; 0 for the first, and for what is no fragment. */
    public int fragmentOffset;

    /** Whether this is a fragment other than the first: no header follows. */
    public boolean laterFragment;

    /**
     * Goes through all headers, or up to the fragment header of a fragment that is not the first.
     *
     * @param offset of the IPv6 header, all of which is there
     * @param packetLength bytes from there on
     * @return false if the packet ends before they do, or there are more than {@link #MAX_HEADERS}; the fields are then
     *     meaningless
     */
    public boolean walk(final MemorySegment memory, final long offset, final int packetLength) {
        protocol = Ipv6View.nextHeader(memory, offset);
        length = Ipv6View.LENGTH;
        fragment = false;
        laterFragment = false;
        fragmentOffset = 0;
        for (int headers = 0; Ipv6ExtensionView.isExtension(protocol) && !laterFragment; headers++) {
            if (headers == MAX_HEADERS || packetLength - length < Ipv6ExtensionView.UNIT) {
                return false;
            }
            final long header = offset + length;
            if (protocol == Ipv6ExtensionView.FRAGMENT) {
                fragment |= Ipv6ExtensionView.isFragment(memory, header);
                fragmentOffset = Ipv6ExtensionView.fragmentOffset(memory, header);
                laterFragment = fragmentOffset != 0;
                length += Ipv6ExtensionView.UNIT;
            } else {
                length += Ipv6ExtensionView.length(memory, header);
            }
            protocol = Ipv6ExtensionView.nextHeader(memory, header);
        }
        return length <= packetLength;
    }
}
