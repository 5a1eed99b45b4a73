package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What signs the segments of a socket: TCP_MD5SIG and TCP_MD5SIG_EXT in Linux's structures, and what {@link AoOptions} sets
 * of one that is not connected. Not thread-safe.
 */
final class KeyOptions {
    /** A {@code struct tcp_md5sig}: a sockaddr_storage, flags, prefix, length, interface, key. */
    private static final int MD5SIG = 216;

    private static final int FLAGS_OFFSET = 128;
    private static final int PREFIX_OFFSET = 129;
    private static final int KEY_LENGTH_OFFSET = 130;
    private static final int KEY_OFFSET = 136;
    private static final int FLAG_PREFIX = 1;
    private static final int FLAG_INTERFACE = 2;

    private static final int V4_ADDRESS_OFFSET = 4;
    private static final int V6_ADDRESS_OFFSET = 8;
    private static final long MAPPED = 0xFFFFL;

    private final int domain;
    private final TcpKeys keys = TcpKeys.create();
    private boolean md5Set;
    private boolean aoSet;

    KeyOptions(int domain) {
        this.domain = domain;
    }

    KeyOptions(KeyOptions from) {
        domain = from.domain;
        md5Set = from.md5Set;
        aoSet = from.aoSet;
        copy(from.keys, keys);
        keys.setMd5(from.keys.md5Keys());
    }

    /** Gives a connection or a listener the keys; one that has begun with TCP-AO has its own. */
    void apply(TcpOptions options) {
        if (aoSet && options.keys().session() == null && options.keys().mayBegin()) {
            copy(keys, options.keys());
        }
        if (md5Set) {
            options.keys().setMd5(keys.md5Keys());
        }
    }

    private static void copy(TcpKeys from, TcpKeys to) {
        final List<AoKey> before = to.aoKeys();
        final List<AoKey> wanted = from.aoKeys();
        for (final AoKey key : wanted) {
            if (!before.contains(key)) {
                to.set(key);
            }
        }
        final AoKey current = from.current();
        final AoKey next = from.next();
        if (current != null) {
            to.signWith(current);
        }
        if (next != null) {
            to.receiveNext(next);
        }
        for (final AoKey key : before) {
            if (!wanted.contains(key)) {
                to.remove(key);
            }
        }
        to.required(from.required());
        to.acceptsIcmps(from.acceptsIcmps());
    }

    /** Sets an option of {@link AoOptions}. */
    void setAo(int option, byte[] value, boolean listens) throws ErrnoException {
        AoOptions.set(keys, option, value, domain, listens, null);
        aoSet = true;
    }

    /** The keys, of a socket that is not connected. */
    TcpKeys keys() {
        return keys;
    }

    /** Sets a key, or deletes it if it has no bytes. */
    void setMd5(byte[] value, boolean extended) throws ErrnoException {
        check(value.length >= MD5SIG, Linux.EINVAL);
        final ByteBuffer fields = OptionBytes.over(value);
        final int flags = extended ? value[FLAGS_OFFSET] : 0;
        final IpAddress peer = address(value, fields);
        final int most = peer instanceof Ipv4Address ? Integer.SIZE : 2 * Long.SIZE;
        final int prefix = (flags & FLAG_PREFIX) != 0 ? value[PREFIX_OFFSET] & 0xFF : most;
        check(prefix <= most && (flags & FLAG_INTERFACE) == 0, Linux.EINVAL); // there are no VRFs
        final int length = fields.getShort(KEY_LENGTH_OFFSET) & 0xFFFF;
        final Cidr<? extends IpAddress> peers = new Cidr<>(peer, prefix).network();
        if (length == 0) {
            check(keys.removeMd5(peers), Linux.ENOENT);
        } else {
            check(length <= Md5Key.MAX_SECRET, Linux.EINVAL);
            final byte[] secret = new byte[length];
            fields.get(KEY_OFFSET, secret);
            check(!keys.required(), Linux.EKEYREJECTED);
            for (final AoKey other : keys.aoKeys()) {
                check(!AoAddresses.overlap(peers, other.peer()), Linux.EKEYREJECTED);
            }
            keys.set(new Md5Key(peers, secret));
        }
        md5Set = true;
    }

    /** The address in a {@code sockaddr_in} or {@code sockaddr_in6} at the beginning. */
    private IpAddress address(byte[] value, ByteBuffer fields) throws ErrnoException {
        check(fields.getShort(0) == domain, Linux.EINVAL);
        final ByteBuffer network = ByteBuffer.wrap(value).order(ByteOrder.BIG_ENDIAN);
        if (domain == Linux.AF_INET) {
            return new Ipv4Address(network.getInt(V4_ADDRESS_OFFSET));
        }
        final long hi = network.getLong(V6_ADDRESS_OFFSET);
        final long lo = network.getLong(V6_ADDRESS_OFFSET + Long.BYTES);
        return hi == 0 && lo >>> Integer.SIZE == MAPPED ? new Ipv4Address((int) lo) : new Ipv6Address(hi, lo);
    }

    private static void check(boolean good, int errno) throws ErrnoException {
        if (!good) {
            throw new ErrnoException(errno);
        }
    }
}
