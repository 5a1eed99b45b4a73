package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * One option of a hop-by-hop or destination options header (RFC 8200 section 4.2); reused from option to option.
 *
 * <p>Not thread-safe.
 */
public final class Ipv6OptionRepr {
    /** Most bytes of data. */
    public static final int MAX_DATA = 255;

    /** Value of a router alert (RFC 2711): the packet holds a multicast listener message. */
    public static final int ALERT_MLD = 0;

    /** Value of a router alert: the packet holds RSVP. */
    public static final int ALERT_RSVP = 1;

    /** Value of a router alert: the packet holds an active networks message. */
    public static final int ALERT_ACTIVE_NETWORKS = 2;

    /** Type, 0 to 255; its two upper bits say what one does who does not know it. */
    public int type;
    /** Bytes of data, 0 to {@link #MAX_DATA}; meaningless for {@link Ipv6ExtensionView#OPTION_PAD1}. */
    public int dataLength;
    /** The data. */
    public final byte[] data = new byte[MAX_DATA];

    /**
     * Reads an option.
     *
     * @param room bytes up to the end of the header
     * @return its bytes; -1 if it does not end within {@code room}, or has a length that its type cannot have
     */
    public int parse(final MemorySegment memory, final long offset, final int room) {
        if (room < 1) {
            return -1;
        }
        final int length = Ipv6ExtensionView.optionLength(memory, offset, room);
        if (length < 0) {
            return -1;
        }
        type = Net.u8(memory, offset);
        dataLength = Math.max(0, length - 2);
        if (!isWellFormed()) {
            return -1;
        }
        if (dataLength > 0) {
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset + 2, data, 0, dataLength);
        }
        return length;
    }

    /** Bytes of the option, 1 to 257. */
    public int length() {
        return type == Ipv6ExtensionView.OPTION_PAD1 ? 1 : 2 + dataLength;
    }

    /** Writes {@link #length()} bytes. */
    public void emit(final MemorySegment memory, final long offset) {
        Net.put8(memory, offset, type);
        if (type == Ipv6ExtensionView.OPTION_PAD1) {
            return;
        }
        Net.put8(memory, offset + 1, dataLength);
        MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, offset + 2, dataLength);
    }

    /** Makes this padding of so many bytes, 1 to 257. */
    public void padding(final int bytes) {
        type = bytes == 1 ? Ipv6ExtensionView.OPTION_PAD1 : Ipv6ExtensionView.OPTION_PADN;
        dataLength = Math.max(0, bytes - 2);
        Arrays.fill(data, 0, dataLength, (byte) 0);
    }

    /** Makes this a router alert. */
    public void routerAlert(final int value) {
        type = Ipv6ExtensionView.OPTION_ROUTER_ALERT;
        dataLength = 2;
        data[0] = (byte) (value >>> 8);
        data[1] = (byte) value;
    }

    /** Value of a router alert. */
    public int routerAlert() {
        return (data[0] & 0xFF) << 8 | (data[1] & 0xFF);
    }

    /** Rank of an RPL option's sender (RFC 6553 section 3). */
    public int rplSenderRank() {
        return (data[2] & 0xFF) << 8 | (data[3] & 0xFF);
    }

    /** Instance id of an RPL option. */
    public int rplInstance() {
        return data[1] & 0xFF;
    }

    /** Flags of an RPL option: down 0x80, rank error 0x40, forwarding error 0x20. */
    public int rplFlags() {
        return data[0] & 0xFF;
    }

    private boolean isWellFormed() {
        return switch (type) {
            case Ipv6ExtensionView.OPTION_ROUTER_ALERT -> dataLength == 2;
            case Ipv6ExtensionView.OPTION_RPL -> dataLength >= 4;
            default -> true;
        };
    }
}
