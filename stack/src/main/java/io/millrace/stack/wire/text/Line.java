package io.millrace.stack.wire.text;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * The line that is being written, and the memory it is about.
 *
 * @param memory holds the packet
 * @param out gets the text
 * @param quoted whether it is about a packet that another one quotes: of that not all is there, and its router changed it
 */
record Line(MemorySegment memory, StringBuilder out, boolean quoted) {
    Line text(final String text) {
        out.append(text);
        return this;
    }

    Line number(final long value) {
        out.append(value);
        return this;
    }

    /** At least two hexadecimal digits behind {@code 0x}. */
    Line hex(final int value) {
        final String digits = Integer.toHexString(value);
        out.append(digits.length() < 2 ? "0x0" : "0x").append(digits);
        return this;
    }

    Line ipv4(final long lo) {
        out.append(new Ipv4Address((int) lo));
        return this;
    }

    Line ipv6(final long hi, final long lo) {
        out.append(new Ipv6Address(hi, lo));
        return this;
    }

    /** The IPv6 address at an offset. */
    Line ipv6At(final long at) {
        return ipv6(Net.i64(memory, at), Net.i64(memory, at + 8));
    }

    Line mac(final long value) {
        out.append(new MacAddress(value));
        return this;
    }

    /** Bytes as hexadecimal digits. */
    Line bytes(final long at, final long end) {
        for (long i = at; i < end; i++) {
            final int value = Net.u8(memory, i);
            out.append(Character.forDigit(value >>> 4, 16)).append(Character.forDigit(value & 0xF, 16));
        }
        return this;
    }

    /** Says that a header is cut off. */
    Line cut(final String what) {
        out.append("[|").append(what).append(']');
        return this;
    }

    int u8(final long at) {
        return Net.u8(memory, at);
    }

    int u16(final long at) {
        return Net.u16(memory, at);
    }

    int i32(final long at) {
        return Net.i32(memory, at);
    }

    long u32(final long at) {
        return Net.u32(memory, at);
    }
}
