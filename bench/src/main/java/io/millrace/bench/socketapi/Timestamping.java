package io.millrace.bench.socketapi;

import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.SendStage;
import java.util.List;

/**
 * SO_TIMESTAMPING and SO_ZEROCOPY of a socket: which times it is told, and whether its sends have numbers. Times are those
 * of the stack, in software; what asks for others is kept and told, and means nothing. Not thread-safe.
 */
final class Timestamping {
    private static final int KNOWN = 0x7FFFF;
    private static final int RECORDS = Linux.SOF_TIMESTAMPING_TX_HARDWARE
            | Linux.SOF_TIMESTAMPING_TX_SOFTWARE
            | Linux.SOF_TIMESTAMPING_TX_SCHED
            | Linux.SOF_TIMESTAMPING_TX_ACK
            | Linux.SOF_TIMESTAMPING_TX_COMPLETION;

    /** Bytes of a {@code struct so_timestamping}: the flags, and the number of a clock. */
    private static final int LENGTH = 2 * Integer.BYTES;

    private int flags;
    private boolean zeroCopy;
    /** Number of the byte or datagram that is told as 0. */
    private long keyBase;

    Timestamping() {}

    /** What a connection that is accepted begins with. */
    Timestamping(Timestamping from) {
        flags = from.flags;
        zeroCopy = from.zeroCopy;
    }

    /** Flags of a value that is to be set. */
    static int parse(byte[] value) throws ErrnoException {
        final int wanted = OptionBytes.integer(value);
        if ((wanted & ~KNOWN) != 0
                || lacks(wanted, Linux.SOF_TIMESTAMPING_OPT_ID_TCP, Linux.SOF_TIMESTAMPING_OPT_ID)
                || lacks(wanted, Linux.SOF_TIMESTAMPING_OPT_STATS, Linux.SOF_TIMESTAMPING_OPT_TSONLY)) {
            throw new ErrnoException(Linux.EINVAL);
        }
        if ((wanted & Linux.SOF_TIMESTAMPING_BIND_PHC) != 0) {
            throw new ErrnoException(Linux.EOPNOTSUPP); // there is no such clock
        }
        return wanted;
    }

    private static boolean lacks(int wanted, int flag, int needed) {
        return (wanted & flag) != 0 && (wanted & needed) == 0;
    }

    /** Whether setting flags begins to number what is sent. */
    boolean numbers(int wanted) {
        return !has(Linux.SOF_TIMESTAMPING_OPT_ID) && (wanted & Linux.SOF_TIMESTAMPING_OPT_ID) != 0;
    }

    void set(int wanted) {
        flags = wanted;
    }

    void keyBase(long first) {
        keyBase = first;
    }

    long keyBase() {
        return keyBase;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether the times of what is received are told. */
    boolean receives() {
        return has(Linux.SOF_TIMESTAMPING_SOFTWARE) && has(Linux.SOF_TIMESTAMPING_RX_SOFTWARE);
    }

    /** The value of SO_TIMESTAMPING. */
    byte[] value() {
        final byte[] value = new byte[LENGTH];
        OptionBytes.over(value).putInt(flags);
        return value;
    }

    void zeroCopy(byte[] value) throws ErrnoException {
        zeroCopy = OptionBytes.inRange(value, 0, 1) == 1;
    }

    boolean zeroCopy() {
        return zeroCopy;
    }

    /**
     * Stages that a send asks for, bits of {@link SendStage}.
     *
     * @param said control messages that may say otherwise
     */
    int stages(List<ControlMessage> said) throws ErrnoException {
        int wanted = flags;
        for (final ControlMessage message : said) {
            if (message.level() == Linux.SOL_SOCKET && message.type() == Linux.SO_TIMESTAMPING) {
                final byte[] value = message.value();
                if (value.length != Integer.BYTES || (OptionBytes.integer(value) & ~RECORDS) != 0) {
                    throw new ErrnoException(Linux.EINVAL);
                }
                wanted = OptionBytes.integer(value);
            }
        }
        return bit(wanted, Linux.SOF_TIMESTAMPING_TX_SCHED, SendStage.SCHEDULED)
                | bit(wanted, Linux.SOF_TIMESTAMPING_TX_SOFTWARE, SendStage.SENT)
                | bit(wanted, Linux.SOF_TIMESTAMPING_TX_ACK, SendStage.ACKNOWLEDGED);
    }

    private static int bit(int flags, int flag, SendStage stage) {
        return (flags & flag) != 0 ? stage.bit() : SendStage.NONE;
    }

    /** Flags of {@link TcpChannel#send} for a send with flags of Linux. */
    int streamFlags(int linuxFlags, List<ControlMessage> said, boolean waits) throws ErrnoException {
        final int stages = stages(said);
        return (SendStage.SCHEDULED.isIn(stages) ? TcpChannel.STAMP_SCHEDULED : 0)
                | (SendStage.SENT.isIn(stages) ? TcpChannel.STAMP_SENT : 0)
                | (SendStage.ACKNOWLEDGED.isIn(stages) ? TcpChannel.STAMP_ACKNOWLEDGED : 0)
                | (isNumbered(linuxFlags) ? TcpChannel.NUMBERED : 0)
                | (waits ? 0 : TcpChannel.IF_PARTLY);
    }

    /** Whether a send with flags of Linux gets a number. */
    boolean isNumbered(int linuxFlags) {
        return zeroCopy && (linuxFlags & Linux.MSG_ZEROCOPY) != 0;
    }
}
