package io.millrace.bench.socketapi;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a program set of the options that ask {@code recvmsg(2)} for more than bytes: times, addresses, TTLs. Those that
 * {@link ControlMessages} has no message for are kept and told and change nothing. The Java API tells the same without
 * being asked, see {@link io.millrace.stack.client.PacketChannel.Received}. Not thread-safe.
 */
final class AncillaryOptions {
    private static final int LEVEL_SHIFT = 8;

    private final Set<Integer> on = new TreeSet<>();

    AncillaryOptions() {}

    AncillaryOptions(AncillaryOptions from) {
        on.addAll(from.on);
    }

    /** Sets an option. Returns false if it is none of these. */
    boolean set(int level, int option, byte[] value, int type) throws ErrnoException {
        if (!isOne(level, option)) {
            return false;
        }
        if (level == Linux.IPPROTO_IP && option == Linux.IP_RECVFRAGSIZE && type == Linux.SOCK_STREAM) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final int number = level == Linux.IPPROTO_IP ? OptionBytes.optional(value) : OptionBytes.integer(value);
        if (isStrict(level, option) && number != (number & 1)) {
            throw new ErrnoException(Linux.EINVAL);
        }
        if (level == Linux.SOL_SOCKET && (option == Linux.SO_TIMESTAMP || option == Linux.SO_TIMESTAMPNS)) {
            on.remove(key(level, Linux.SO_TIMESTAMP)); // one takes the place of the other
            on.remove(key(level, Linux.SO_TIMESTAMPNS));
        }
        if (number != 0) {
            on.add(key(level, option));
        } else {
            on.remove(key(level, option));
        }
        return true;
    }

    /** Whether an option is on. */
    boolean isOn(int level, int option) {
        return on.contains(key(level, option));
    }

    /** Whether one asks for the time of what is received. */
    boolean tellsTimes() {
        return isOn(Linux.SOL_SOCKET, Linux.SO_TIMESTAMP) || isOn(Linux.SOL_SOCKET, Linux.SO_TIMESTAMPNS);
    }

    /** The value of an option; null if it is none of these. */
    byte @Nullable [] get(int level, int option) {
        return isOne(level, option) ? OptionBytes.of(on.contains(key(level, option))) : null;
    }

    /** Whether it takes nothing but 0 and 1. */
    private static boolean isStrict(int level, int option) {
        return level == Linux.IPPROTO_TCP || (level == Linux.IPPROTO_IP && option == Linux.IP_RECVERR_RFC4884);
    }

    private static int key(int level, int option) {
        return level << LEVEL_SHIFT | option;
    }

    private static boolean isOne(int level, int option) {
        return switch (level) {
            case Linux.SOL_SOCKET ->
                switch (option) {
                    case Linux.SO_TIMESTAMP,
                            Linux.SO_TIMESTAMPNS,
                            Linux.SO_RXQ_OVFL,
                            Linux.SO_SELECT_ERR_QUEUE,
                            Linux.SO_RCVMARK -> true;
                    default -> false;
                };
            case Linux.IPPROTO_IP ->
                switch (option) {
                    case Linux.IP_RECVOPTS,
                            Linux.IP_RETOPTS,
                            Linux.IP_PKTINFO,
                            Linux.IP_RECVTTL,
                            Linux.IP_RECVTOS,
                            Linux.IP_PASSSEC,
                            Linux.IP_RECVORIGDSTADDR,
                            Linux.IP_CHECKSUM,
                            Linux.IP_RECVFRAGSIZE,
                            Linux.IP_RECVERR_RFC4884 -> true;
                    default -> false;
                };
            case Linux.IPPROTO_IPV6 ->
                switch (option) {
                    case Linux.IPV6_2292PKTINFO,
                            Linux.IPV6_2292HOPOPTS,
                            Linux.IPV6_2292DSTOPTS,
                            Linux.IPV6_2292RTHDR,
                            Linux.IPV6_2292HOPLIMIT,
                            Linux.IPV6_FLOWINFO,
                            Linux.IPV6_RECVPKTINFO,
                            Linux.IPV6_RECVHOPLIMIT,
                            Linux.IPV6_RECVHOPOPTS,
                            Linux.IPV6_RECVRTHDR,
                            Linux.IPV6_RECVDSTOPTS,
                            Linux.IPV6_RECVPATHMTU,
                            Linux.IPV6_RECVTCLASS,
                            Linux.IPV6_RECVORIGDSTADDR,
                            Linux.IPV6_RECVFRAGSIZE -> true;
                    default -> false;
                };
            case Linux.IPPROTO_TCP -> option == Linux.TCP_INQ;
            default -> false;
        };
    }
}
