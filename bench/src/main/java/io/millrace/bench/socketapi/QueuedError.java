package io.millrace.bench.socketapi;

import io.millrace.stack.client.SendNotice;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a socket's error queue: a {@code struct sock_extended_err}, and what goes with it.
 *
 * @param errno {@code ee_errno}
 * @param origin {@code ee_origin}
 * @param type {@code ee_type}
 * @param code {@code ee_code}
 * @param info {@code ee_info}
 * @param data {@code ee_data}
 * @param offender who reported it; null if nobody did
 * @param micros when, on the stack's clock; -1 if that is not told
 * @param cut whether more of a packet belongs to it than was received: MSG_TRUNC
 */
public record QueuedError(
        int errno,
        int origin,
        int type,
        int code,
        int info,
        int data,
        @Nullable IpAddress offender,
        long micros,
        boolean cut) {
    /**
     * What a socket tells of something that it sent, as it is received.
     *
     * @throws ErrnoException EAGAIN if there is nothing to tell
     */
    static Descriptor.Received received(@Nullable SendNotice notice, Settings settings) throws ErrnoException {
        if (notice == null) {
            throw new ErrnoException(Linux.EAGAIN);
        }
        synchronized (settings) {
            return new Descriptor.Received(0, null, null, of(notice, settings.timestamping));
        }
    }

    /** What a socket tells of something that it sent. */
    static QueuedError of(SendNotice notice, Timestamping asked) {
        final int data = (int) (notice.first() - asked.keyBase());
        return switch (notice.kind()) {
            case SCHEDULED -> time(Linux.SCM_TSTAMP_SCHED, data, notice, asked);
            case SENT -> time(Linux.SCM_TSTAMP_SND, data, notice, asked);
            case ACKNOWLEDGED -> time(Linux.SCM_TSTAMP_ACK, data, notice, asked);
            // The stack copies what is sent, and says so.
            case COMPLETE ->
                new QueuedError(
                        0,
                        Linux.SO_EE_ORIGIN_ZEROCOPY,
                        0,
                        Linux.SO_EE_CODE_ZEROCOPY_COPIED,
                        (int) notice.first(),
                        (int) notice.last(),
                        null,
                        -1,
                        false);
        };
    }

    private static QueuedError time(int stage, int data, SendNotice notice, Timestamping asked) {
        return new QueuedError(
                Linux.ENOMSG,
                Linux.SO_EE_ORIGIN_TIMESTAMPING,
                0,
                0,
                stage,
                asked.has(Linux.SOF_TIMESTAMPING_OPT_ID) ? data : 0,
                null,
                asked.has(Linux.SOF_TIMESTAMPING_SOFTWARE) ? notice.timestamp() : -1,
                !asked.has(Linux.SOF_TIMESTAMPING_OPT_TSONLY)); // the packet itself is gone
    }

    /** What an ICMP message reported. */
    static QueuedError of(IcmpErrorRepr error, boolean cut) {
        final boolean v4 = error.family == IpFamily.V4;
        final boolean tooBig = error.kind == IcmpErrorRepr.PACKET_TOO_BIG;
        return new QueuedError(
                SocketError.ofIcmp(error).number(),
                v4 ? Linux.SO_EE_ORIGIN_ICMP : Linux.SO_EE_ORIGIN_ICMP6,
                error.type,
                error.code,
                tooBig ? error.mtu : 0,
                0,
                IpAddress.of(error.family, error.reporterHi, error.reporterLo),
                -1,
                cut);
    }
}
