package io.millrace.bench.socketapi;

import io.millrace.stack.client.StackClient;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A group that a datagram socket joins or leaves.
 *
 * @param join or leave
 * @param group which
 * @param at an address of the interface, or null
 * @param index of the interface from 1, as Linux counts; 0 for one of the stack's choice
 */
record Membership(boolean join, IpAddress group, @Nullable IpAddress at, int index) {
    private static final int MREQ = 8;
    private static final int MREQN = 12;
    private static final int MREQ6 = 20;

    /** Whether an option is about groups. */
    static boolean isOne(int level, int option) {
        return (level == Linux.IPPROTO_IP && (option == Linux.IP_ADD_MEMBERSHIP || option == Linux.IP_DROP_MEMBERSHIP))
                || (level == Linux.IPPROTO_IPV6
                        && (option == Linux.IPV6_ADD_MEMBERSHIP || option == Linux.IPV6_DROP_MEMBERSHIP));
    }

    /** Why a stream can be in no group. */
    static ErrnoException ofStream(int level, byte[] value) {
        final boolean cut = level == Linux.IPPROTO_IPV6 && value.length < MREQ6;
        return new ErrnoException(cut ? Linux.EINVAL : Linux.EPROTO);
    }

    /** What an option asks for; null if it is not about groups. */
    static @Nullable Membership of(int level, int option, byte[] value) throws ErrnoException {
        if (!isOne(level, option)) {
            return null;
        }
        final ByteBuffer bytes = ByteBuffer.wrap(value);
        if (level == Linux.IPPROTO_IP) {
            need(value, MREQ);
            final Ipv4Address at = new Ipv4Address(bytes.getInt(Integer.BYTES));
            return new Membership(
                    option == Linux.IP_ADD_MEMBERSHIP,
                    new Ipv4Address(bytes.getInt(0)),
                    at.isUnspecified() ? null : at,
                    value.length < MREQN ? 0 : OptionBytes.over(value).getInt(MREQ));
        }
        need(value, MREQ6);
        return new Membership(
                option == Linux.IPV6_ADD_MEMBERSHIP,
                new Ipv6Address(bytes.getLong(0), bytes.getLong(Long.BYTES)),
                null,
                OptionBytes.over(value).getInt(2 * Long.BYTES));
    }

    private static void need(byte[] value, int length) throws ErrnoException {
        if (value.length < length) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    /** What a socket does to be a member, or none. */
    @FunctionalInterface
    interface Change {
        /** Returns false if it was so before. */
        @Nullable
        Boolean make(boolean join, IpAddress group, int on) throws IOException;
    }

    void apply(StackClient client, Change change) throws IOException, ErrnoException {
        if (!group.isMulticast()) {
            throw new ErrnoException(join || group instanceof Ipv6Address ? Linux.EINVAL : Linux.EADDRNOTAVAIL);
        }
        final int on = interfaceOf(client);
        if (on < 0) {
            throw new ErrnoException(Linux.ENODEV);
        }
        if (!Boolean.TRUE.equals(change.make(join, group, on))) {
            throw new ErrnoException(join ? Linux.EADDRINUSE : Linux.EADDRNOTAVAIL);
        }
    }

    /** The interface's number within the stack; -1 if there is none. */
    private int interfaceOf(StackClient client) throws IOException {
        if (index != 0) {
            return Interfaces.numbered(client, index);
        }
        return at == null ? Interfaces.any(client) : Interfaces.addressed(client, at);
    }
}
