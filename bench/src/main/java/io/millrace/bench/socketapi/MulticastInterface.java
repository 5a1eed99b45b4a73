package io.millrace.bench.socketapi;

import io.millrace.stack.client.StackClient;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * IP_MULTICAST_IF and IPV6_MULTICAST_IF: the interface that packets to groups leave by.
 *
 * @param index counted from 1; 0 for one of the stack's choice
 * @param address that it was named by; 0 for none
 */
record MulticastInterface(int index, int address) {
    private static final int MREQ = 8;
    private static final int MREQN = 12;

    /** Whether an option is one of these. */
    static boolean isOne(int level, int option) {
        return (level == Linux.IPPROTO_IP && option == Linux.IP_MULTICAST_IF)
                || (level == Linux.IPPROTO_IPV6 && option == Linux.IPV6_MULTICAST_IF);
    }

    /** What a program asks for. */
    static MulticastInterface of(StackClient client, int level, byte[] value, int type)
            throws IOException, ErrnoException {
        if (type == Linux.SOCK_STREAM) {
            throw new ErrnoException(level == Linux.IPPROTO_IP ? Linux.EINVAL : Linux.ENOPROTOOPT);
        }
        final int first = OptionBytes.integer(value);
        if (level == Linux.IPPROTO_IPV6) {
            if (first != 0 && Interfaces.numbered(client, first) < 0) {
                throw new ErrnoException(Linux.ENODEV);
            }
            return new MulticastInterface(first, 0);
        }
        final int address = ByteBuffer.wrap(value).getInt(value.length < MREQ ? 0 : Integer.BYTES);
        final int named = value.length < MREQN ? 0 : OptionBytes.over(value).getInt(MREQ);
        if (named == 0 && address == 0) {
            return new MulticastInterface(0, 0);
        }
        final int found = named == 0
                ? Interfaces.addressed(client, new Ipv4Address(address))
                : Interfaces.numbered(client, named);
        if (found < 0) {
            throw new ErrnoException(Linux.EADDRNOTAVAIL);
        }
        return new MulticastInterface(found + 1, address);
    }
}
