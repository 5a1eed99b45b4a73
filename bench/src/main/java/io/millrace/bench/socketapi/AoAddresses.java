package io.millrace.bench.socketapi;

import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The beginning of Linux's structures of TCP-AO: whom a key is for, as a {@code sockaddr_storage}, and the name of what
 * signs. A socket of AF_INET6 names IPv4 hosts by mapped addresses (RFC 4291 section 2.5.5.2).
 */
final class AoAddresses {
    private static final int PORT_OFFSET = 2;
    private static final int V4_OFFSET = 4;
    private static final int V6_OFFSET = 8;
    private static final int NAME_OFFSET = 128;
    private static final int NAME_LENGTH = 64;
    private static final long MAPPED = 0xFFFFL;

    private AoAddresses() {}

    /** The family that a structure names. */
    static int family(byte[] value) {
        return OptionBytes.over(value).getShort(0);
    }

    /**
     * The network of an address and a prefix: of the family of the socket, without a port, no bit behind the prefix, and the
     * unspecified address is for everybody only.
     *
     * @throws ErrnoException EINVAL if it is not so
     */
    static Cidr<? extends IpAddress> network(byte[] value, int domain, int prefix) throws ErrnoException {
        AoOptions.check(family(value) == domain, Linux.EINVAL);
        final ByteBuffer network = ByteBuffer.wrap(value).order(ByteOrder.BIG_ENDIAN);
        AoOptions.check(network.getShort(PORT_OFFSET) == 0, Linux.EINVAL);
        final IpAddress address;
        if (domain == Linux.AF_INET) {
            address = new Ipv4Address(network.getInt(V4_OFFSET));
        } else {
            final long hi = network.getLong(V6_OFFSET);
            final long lo = network.getLong(V6_OFFSET + Long.BYTES);
            final boolean mapped = hi == 0 && lo >>> Integer.SIZE == MAPPED && prefix != 0;
            address = mapped ? new Ipv4Address((int) lo) : new Ipv6Address(hi, lo);
        }
        final int most = address instanceof Ipv4Address ? Integer.SIZE : 2 * Long.SIZE;
        AoOptions.check(prefix <= most && address.isUnspecified() == (prefix == 0), Linux.EINVAL);
        final Cidr<? extends IpAddress> given = new Cidr<>(address, prefix);
        AoOptions.check(given.network().equals(given), Linux.EINVAL);
        return given;
    }

    /** Writes an address. */
    static void put(byte[] value, IpAddress address) {
        final boolean v4 = address instanceof Ipv4Address;
        OptionBytes.over(value).putShort(0, (short) (v4 ? Linux.AF_INET : Linux.AF_INET6));
        final ByteBuffer network = ByteBuffer.wrap(value).order(ByteOrder.BIG_ENDIAN);
        if (v4) {
            network.putInt(V4_OFFSET, (int) address.lo());
        } else {
            network.putLong(V6_OFFSET, address.hi()).putLong(V6_OFFSET + Long.BYTES, address.lo());
        }
    }

    /** The name of what signs. */
    static String name(byte[] value) {
        int length = 0;
        while (length < NAME_LENGTH - 1 && value[NAME_OFFSET + length] != 0) {
            length++;
        }
        return new String(value, NAME_OFFSET, length, StandardCharsets.US_ASCII);
    }

    /** Writes it. */
    static void put(byte[] value, String name) {
        final byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, value, NAME_OFFSET, bytes.length);
    }

    /** Whether two networks have an address in common. */
    static boolean overlap(Cidr<? extends IpAddress> one, Cidr<? extends IpAddress> other) {
        final boolean first = one.prefixLength() <= other.prefixLength();
        return (first ? one : other).contains((first ? other : one).address());
    }
}
