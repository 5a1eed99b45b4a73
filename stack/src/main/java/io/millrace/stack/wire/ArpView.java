package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * An ARP packet for IPv4 over Ethernet in place (RFC 826). All methods take the memory and the offset of the packet's
 * first byte; the caller has checked that {@link #LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |     Hardware type (1)         |   Protocol type (0x0800)      |
 * +---------------+---------------+-------------------------------+
 * | Hw length (6) | Pr length (4) |           Operation           |
 * +---------------+---------------+-------------------------------+
 * |                     Sender hardware address                   |
 * +                               +-------------------------------+
 * |                               |    Sender protocol address    |
 * +-------------------------------+-------------------------------+
 * |  Sender protocol address      |                               |
 * +-------------------------------+                               +
 * |                     Target hardware address                   |
 * +---------------------------------------------------------------+
 * |                     Target protocol address                   |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ArpView {
    /** Bytes of the packet. */
    public static final int LENGTH = 28;

    /** Hardware type, 2 bytes. */
    public static final int HARDWARE_TYPE_OFFSET = 0;

    /** Protocol type, 2 bytes. */
    public static final int PROTOCOL_TYPE_OFFSET = 2;

    /** Bytes of a hardware address, 1 byte. */
    public static final int HARDWARE_LENGTH_OFFSET = 4;

    /** Bytes of a protocol address, 1 byte. */
    public static final int PROTOCOL_LENGTH_OFFSET = 5;

    /** Operation, 2 bytes. */
    public static final int OPERATION_OFFSET = 6;

    /** Sender hardware address, 6 bytes. */
    public static final int SENDER_MAC_OFFSET = 8;

    /** Sender protocol address, 4 bytes. */
    public static final int SENDER_IP_OFFSET = 14;

    /** Target hardware address, 6 bytes. */
    public static final int TARGET_MAC_OFFSET = 18;

    /** Target protocol address, 4 bytes. */
    public static final int TARGET_IP_OFFSET = 24;

    /** Operation: who has the target address? */
    public static final int REQUEST = 1;

    /** Operation: the sender has the sender address. */
    public static final int REPLY = 2;

    /** The first six bytes of every packet for IPv4 over Ethernet. */
    private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private ArpView() {}

    /** Whether types and lengths are those of IPv4 over Ethernet. */
    public static boolean isEthernetIpv4(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset) >>> 16 == ETHERNET_IPV4;
    }

    /** Operation. */
    public static int operation(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + OPERATION_OFFSET);
    }

    /** Sender hardware address in the low 48 bits. */
    public static long senderMac(final MemorySegment memory, final long offset) {
        return Net.u48(memory, offset + SENDER_MAC_OFFSET);
    }

    /** Sender protocol address, zero-extended. */
    public static long senderIp(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + SENDER_IP_OFFSET);
    }

    /** Target hardware address in the low 48 bits. */
    public static long targetMac(final MemorySegment memory, final long offset) {
        return Net.u48(memory, offset + TARGET_MAC_OFFSET);
    }

    /** Target protocol address, zero-extended. */
    public static long targetIp(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + TARGET_IP_OFFSET);
    }

    /** Writes a packet. */
    public static void write(
            final MemorySegment memory,
            final long offset,
            final int operation,
            final long senderMac,
            final long senderIp,
            final long targetMac,
            final long targetIp) {
        Net.put64(memory, offset, ETHERNET_IPV4 << 16 | operation);
        Net.put48(memory, offset + SENDER_MAC_OFFSET, senderMac);
        Net.put32(memory, offset + SENDER_IP_OFFSET, (int) senderIp);
        Net.put48(memory, offset + TARGET_MAC_OFFSET, targetMac);
        Net.put32(memory, offset + TARGET_IP_OFFSET, (int) targetIp);
    }
}
