package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * A hop-by-hop or destination options header (RFC 8200 sections 4.3 and 4.6) with the options that are not padding;
 * reused from header to header.
 *
 * <p>Not thread-safe.
 */
public final class Ipv6OptionsRepr {
    /** Most options that are kept, as many as RFC 8504 section 5.3 asks hosts to accept. */
    public static final int MAX_OPTIONS = 8;

    /** Type of what follows. */
    public int nextHeader;
    /** Number of options, padding not counted. */
    public int count;
    /** The options. */
    public final Ipv6OptionRepr[] options = new Ipv6OptionRepr[MAX_OPTIONS];

    private final Ipv6OptionRepr padding = new Ipv6OptionRepr();

    /** Makes one without options. */
    public Ipv6OptionsRepr() {
        for (int i = 0; i < MAX_OPTIONS; i++) {
            options[i] = new Ipv6OptionRepr();
        }
    }

    /**
     * Reads a header.
     *
     * @param length bytes of the packet from the header on
     * @return bytes of the header; -1 if it or one of its options is longer than it can be, or options are too many
     */
    public int parse(final MemorySegment memory, final long offset, final int length) {
        final int headerLength = Ipv6ExtensionView.checkLength(memory, offset, length);
        if (headerLength < 0) {
            return -1;
        }
        nextHeader = Ipv6ExtensionView.nextHeader(memory, offset);
        count = 0;
        int at = Ipv6ExtensionView.DATA_OFFSET;
        while (at < headerLength) {
            final Ipv6OptionRepr option = count < MAX_OPTIONS ? options[count] : padding;
            final int taken = option.parse(memory, offset + at, headerLength - at);
            if (taken < 0) {
                return -1;
            }
            if (option.type != Ipv6ExtensionView.OPTION_PAD1 && option.type != Ipv6ExtensionView.OPTION_PADN) {
                if (count == MAX_OPTIONS) {
                    return -1;
                }
                count++;
            }
            at += taken;
        }
        return headerLength;
    }

    /** Bytes of the header, padding included, a multiple of 8. */
    public int headerLength() {
        return (contentLength() + Ipv6ExtensionView.UNIT - 1) / Ipv6ExtensionView.UNIT * Ipv6ExtensionView.UNIT;
    }

    /** Writes {@link #headerLength()} bytes, the options in order and padding at the end. */
    public void emit(final MemorySegment memory, final long offset) {
        final int headerLength = headerLength();
        Net.put8(memory, offset + Ipv6ExtensionView.NEXT_HEADER_OFFSET, nextHeader);
        Net.put8(memory, offset + Ipv6ExtensionView.LENGTH_OFFSET, headerLength / Ipv6ExtensionView.UNIT - 1);
        int at = Ipv6ExtensionView.DATA_OFFSET;
        for (int i = 0; i < count; i++) {
            options[i].emit(memory, offset + at);
            at += options[i].length();
        }
        if (at < headerLength) {
            padding.padding(headerLength - at);
            padding.emit(memory, offset + at);
        }
    }

    private int contentLength() {
        int length = Ipv6ExtensionView.DATA_OFFSET;
        for (int i = 0; i < count; i++) {
            length += options[i].length();
        }
        return length;
    }
}
