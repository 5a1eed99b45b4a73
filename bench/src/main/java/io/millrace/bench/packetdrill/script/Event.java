package io.millrace.bench.packetdrill.script;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a script lets happen, or expects to happen, at a time.
 *
 * @param line where it begins, from 1
 * @param timing how {@code from} and {@code to} are meant
 * @param from time in microseconds
 * @param to end of a range; as {@code from} if it is no range
 * @param action what
 */
public record Event(int line, Timing timing, long from, long to, Action action) {
    /** How a time is meant. */
    public enum Timing {
        /** Since the script began. */
        ABSOLUTE,
        /** Since the event before. */
        RELATIVE,
        /** Whenever. */
        ANY,
        /** Within a range since the script began. */
        ABSOLUTE_RANGE,
        /** Within a range since the event before. */
        RELATIVE_RANGE
    }

    /** Whether its time counts since the script began. */
    public boolean isAbsolute() {
        return timing == Timing.ABSOLUTE || timing == Timing.ABSOLUTE_RANGE;
    }

    /** What happens. */
    public sealed interface Action {}

    /** A packet, from us if {@code outbound} and otherwise to us. */
    public sealed interface Packet extends Action {
        /** Whether the stack is expected to send it; otherwise it is injected. */
        boolean outbound();

        /** What its IP header says. */
        IpFields ip();
    }

    /**
     * What a script says of an IP header.
     *
     * @param mask bits of the traffic class that are compared; 0 for none
     * @param trafficClass its bits; -1 within {@code mask} 3 for either of ECT(0) and ECT(1)
     * @param hopLimit TTL or hop limit; 0 for whichever
     * @param flowLabel of IPv6; 0 for whichever
     */
    public record IpFields(int mask, int trafficClass, int hopLimit, int flowLabel) {
        /** Nothing is said. */
        public static final IpFields ANY = new IpFields(0, 0, 0, 0);

        /** Stands for ECT(0) or ECT(1). */
        public static final int EITHER = -1;
    }

    /** How the sequence number of a segment is meant. */
    public enum Numbering {
        /** From the initial sequence number on. */
        SCRIPT,
        /** As it is in the header: an exclamation mark says so. */
        WIRE,
        /** Whichever: three dots. */
        ANY
    }

    /** The UDP ports of a datagram that a segment is within. */
    public record Within(int source, int destination) {}

    /**
     * A TCP segment. Sequence numbers are the script's.
     *
     * @param flags those of the header, bit 8 for AE
     * @param ecnCounts whether the three {@link #ECN_FLAGS} are given as a number, the count of accurate ECN
     * @param numbering how {@code seq} is meant
     * @param window -1 if it is not said
     * @param options null if none are compared
     * @param within UDP; null if it is not
     */
    public record Tcp(
            boolean outbound,
            IpFields ip,
            int sourcePort,
            int destinationPort,
            int flags,
            boolean ecnCounts,
            Numbering numbering,
            int seq,
            int length,
            int ack,
            int window,
            int urgent,
            @Nullable List<TcpOption> options,
            @Nullable Within within)
            implements Packet {
        /** The flags of congestion notification: ECE, CWR and AE, which accurate ECN counts with (RFC 9768). */
        public static final int ECN_FLAGS = 0x1C0;

        private static final int ECN_SHIFT = 6;
        private static final int FIN_AND_PUSH = 0x9;

        /** The count that flags are, 0 to 7: ECE is its lowest bit. */
        public static int ecnCount(final int flags) {
            return (flags & ECN_FLAGS) >> ECN_SHIFT;
        }

        /** The flags that such a count is. */
        public static int ecnFlags(final int count) {
            return count << ECN_SHIFT;
        }

        /** A part of it as a segment: {@code count} bytes of its payload from {@code from} on. */
        public Tcp part(final int from, final int count) {
            final boolean last = from + count == length;
            return new Tcp(
                    outbound,
                    ip,
                    sourcePort,
                    destinationPort,
                    last ? flags : flags & ~FIN_AND_PUSH,
                    ecnCounts,
                    numbering,
                    seq + from,
                    count,
                    ack,
                    window,
                    urgent,
                    options,
                    within);
        }
    }

    /** A UDP datagram with a payload of so many bytes. */
    public record Udp(boolean outbound, IpFields ip, int sourcePort, int destinationPort, int length)
            implements Packet {}

    /**
     * An ICMP message.
     *
     * @param type by name
     * @param code by name, or null
     * @param mtu -1 if it is not said
     * @param identifier of an echo
     * @param quoted which packet it is about, or null
     */
    public record Icmp(
            boolean outbound,
            IpFields ip,
            String type,
            @Nullable String code,
            long mtu,
            int identifier,
            @Nullable Quoted quoted)
            implements Packet {}

    /**
     * The packet that an ICMP error is about, or how long a message is that is about none.
     *
     * @param protocol 6, 17 or {@link #RAW}
     * @param seq of a TCP segment
     * @param length of the payload; of all of the message, which has zeros behind its header, with {@link #RAW}
     * @param within UDP, of a TCP segment; null if it is not
     */
    public record Quoted(
            int protocol, int seq, int length, @Nullable Within within) {
        /** No packet: zeros. */
        public static final int RAW = 255;
        /** Bytes that each ICMP message has. */
        public static final int LEAST = 8;
    }

    /**
     * A system call.
     *
     * @param blocksUntil when it returns, in microseconds and meant like the event's time; -1 if at once
     * @param result what it returns
     * @param errno name of the error, or null
     */
    public record Call(
            long blocksUntil,
            String name,
            List<Expression> arguments,
            Expression result,
            @Nullable String errno) implements Action {
        /** As it stands in a script, without what it returns. */
        public String described() {
            return new Expression.Applied(name, arguments).toString();
        }
    }

    /** A shell command. */
    public record Command(String text) implements Action {}

    /** Python code with assertions. */
    public record Code(String text) implements Action {}
}
