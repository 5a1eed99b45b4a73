package io.millrace.dataplane.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The attributes within {@code RTA_METRICS} ({@code linux/rtnetlink.h}): 32 bits each, but for the name of an algorithm. */
final class MetricAttributes {
    private static final int LOCK = 1;
    private static final int MTU = 2;
    private static final int ADVERTISED_MSS = 8;
    private static final int INITIAL_WINDOW = 11;
    private static final int FEATURES = 12;
    private static final int MIN_RTO = 13;
    private static final int INITIAL_RECEIVE_WINDOW = 14;
    private static final int QUICK_ACK = 15;
    private static final int CONGESTION = 16;

    /** One past the greatest type that has a value here. */
    private static final int TYPES = 17;

    private static final int FEATURE_ECN = 1;

    /** Of the kernel's TCP_CA_NAME_MAX, without the end. */
    private static final int LONGEST_NAME = 15;

    private MetricAttributes() {}

    /** Reads those from {@code from} to {@code end}. One that is cut off ends them; one too short for its value is not there. */
    static LinuxMetrics read(final MemorySegment memory, final int from, final int end) {
        final int[] values = new int[TYPES];
        String congestion = "";
        int at = from;
        while (at + RouteMessages.ATTRIBUTE <= end) {
            final int length = RouteMessages.u16(memory, at);
            if (length < RouteMessages.ATTRIBUTE || length > end - at) {
                break;
            }
            final int type = RouteMessages.u16(memory, at + 2) & RouteMessages.TYPE_MASK;
            final int room = length - RouteMessages.ATTRIBUTE;
            if (type == CONGESTION) {
                congestion = name(memory, at + RouteMessages.ATTRIBUTE, room);
            } else if (type < TYPES && room >= Integer.BYTES) {
                values[type] = RouteMessages.u32(memory, at + RouteMessages.ATTRIBUTE);
            }
            at += RouteMessages.padded(length);
        }
        return new LinuxMetrics(
                values[MTU],
                (values[LOCK] & 1 << MTU) != 0,
                values[ADVERTISED_MSS],
                values[INITIAL_WINDOW],
                values[INITIAL_RECEIVE_WINDOW],
                values[MIN_RTO],
                values[QUICK_ACK] != 0,
                congestion,
                (values[FEATURES] & FEATURE_ECN) != 0);
    }

    private static String name(final MemorySegment memory, final int at, final int room) {
        final byte[] octets = memory.asSlice(at, Math.min(room, LONGEST_NAME)).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < octets.length && octets[length] != 0) {
            length++;
        }
        return new String(octets, 0, length, StandardCharsets.US_ASCII);
    }

    /**
     * Writes what is known.
     *
     * @param at where the first goes, in memory that is zero
     * @return where the last ends
     */
    static int write(final MemorySegment memory, final int at, final LinuxMetrics metrics) {
        int end = put(memory, at, LOCK, metrics.mtuLocked() ? 1 << MTU : 0);
        end = put(memory, end, MTU, metrics.mtu());
        end = put(memory, end, ADVERTISED_MSS, metrics.advertisedMss());
        end = put(memory, end, INITIAL_WINDOW, metrics.initialWindow());
        end = put(memory, end, FEATURES, metrics.ecn() ? FEATURE_ECN : 0);
        end = put(memory, end, MIN_RTO, metrics.minRtoMillis());
        end = put(memory, end, INITIAL_RECEIVE_WINDOW, metrics.initialReceiveWindow());
        end = put(memory, end, QUICK_ACK, metrics.quickAck() ? 1 : 0);
        return metrics.congestion().isEmpty() ? end : putName(memory, end, metrics.congestion());
    }

    private static int put(final MemorySegment memory, final int at, final int type, final int value) {
        if (value == 0) {
            return at;
        }
        RouteMessages.put32(memory, begin(memory, at, type, Integer.BYTES), value);
        return at + RouteMessages.ATTRIBUTE + Integer.BYTES;
    }

    private static int putName(final MemorySegment memory, final int at, final String name) {
        final byte[] octets = name.getBytes(StandardCharsets.US_ASCII);
        final int value = begin(memory, at, CONGESTION, octets.length + 1);
        MemorySegment.copy(octets, 0, memory, ValueLayout.JAVA_BYTE, value, octets.length);
        return value + RouteMessages.padded(octets.length + 1);
    }

    private static int begin(final MemorySegment memory, final int at, final int type, final int length) {
        RouteMessages.put16(memory, at, RouteMessages.ATTRIBUTE + length);
        RouteMessages.put16(memory, at + 2, type);
        return at + RouteMessages.ATTRIBUTE;
    }
}
