package io.millrace.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * A fragment header (RFC 8200 section 4.5); reused from header to header.
 *
 * <p>Not thread-safe.
 */
public final class Ipv6FragmentRepr {
    /** Type of what the packet's fragmentable part begins with. */
    public int nextHeader;
    /** Place of the fragment within that part in bytes, a multiple of 8, 0 to 65,528. */
    public int fragmentOffset;
    /** Whether fragments follow this one. */
    public boolean moreFragments;
    /** Identification, the same in all fragments of a packet. */
    public int id;

    /**
     * Reads a header.
     *
     * @param length bytes of the packet from the header on
     * @return false if it is shorter than the header
     */
    public boolean parse(final MemorySegment memory, final long offset, final int length) {
        if (length < Ipv6ExtensionView.UNIT) {
            return false;
        }
        nextHeader = Ipv6ExtensionView.nextHeader(memory, offset);
        fragmentOffset = Ipv6ExtensionView.fragmentOffset(memory, offset);
        moreFragments = Ipv6ExtensionView.moreFragments(memory, offset);
        id = Ipv6ExtensionView.id(memory, offset);
        return true;
    }

    /** Writes {@link Ipv6ExtensionView#UNIT} bytes. */
    public void emit(final MemorySegment memory, final long offset) {
        Ipv6ExtensionView.writeFragment(memory, offset, nextHeader, fragmentOffset, moreFragments, id);
    }
}
