package io.millrace.stack.iface.fragment;

/** A datagram of which fragments came; reused. */
final class Datagram {
    /** {@link #total} until the last fragment came. */
    static final int UNKNOWN = -1;

    /** Its place in the table. */
    final int index;

    int family;
    long srcHi;
    long srcLo;
    long dstHi;
    long dstLo;
    int protocol;
    int id;
    int zone;
    int hash;

    /** Who sent it, an index of {@link FragmentSources}. */
    int source;

    /** Interface by which the first fragment, or the one that came first, came in. */
    int interfaceIndex;

    /** When it is given up. */
    long deadline;

    /** Whether it was dropped, and remains to refuse the rest of its fragments. */
    boolean dropped;

    /** Its fragments in order of their place. */
    int first;

    /** The last one of them. */
    int last;

    /** How many there are. */
    int fragments;

    /** Bytes of payload that came. */
    int received;

    /** Bytes of payload of the whole; {@link #UNKNOWN} at first. */
    int total;

    /** Chunks of memory that its fragments take. */
    int chunks;

    /** One bit for each ECN codepoint seen. */
    int ecnSeen;

    /** Bytes of headers that the first fragment holds; 0 until it came. */
    int headerLength;

    /** Where in them the type of the fragment header stands. */
    int typeAt;

    Datagram(final int index) {
        this.index = index;
    }

    /** Makes it the datagram of a fragment, without fragments. */
    void open(final FragmentRepr fragment, final int newZone, final int newHash, final long newDeadline) {
        family = fragment.family;
        srcHi = fragment.srcHi;
        srcLo = fragment.srcLo;
        dstHi = fragment.dstHi;
        dstLo = fragment.dstLo;
        protocol = fragment.protocol;
        id = fragment.id;
        zone = newZone;
        hash = newHash;
        interfaceIndex = fragment.interfaceIndex;
        deadline = newDeadline;
        dropped = false;
        first = FragmentStore.NONE;
        last = FragmentStore.NONE;
        fragments = 0;
        received = 0;
        total = UNKNOWN;
        chunks = 0;
        ecnSeen = 0;
        headerLength = 0;
        typeAt = 0;
    }

    /** Whether a fragment belongs to it. */
    boolean owns(final FragmentRepr fragment, final int itsZone) {
        return id == fragment.id
                && srcLo == fragment.srcLo
                && dstLo == fragment.dstLo
                && srcHi == fragment.srcHi
                && dstHi == fragment.dstHi
                && family == fragment.family
                && protocol == fragment.protocol
                && zone == itsZone;
    }
}
