package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoCounts;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * TCP_AO_ADD_KEY, TCP_AO_DEL_KEY and TCP_AO_INFO, in Linux's structures: what they do to the keys of a socket, and how they
 * fail. Other than on Linux codes have 12 bytes whatever is asked for (RFC 5926), so that other lengths are EOPNOTSUPP, and
 * a secret has one byte at least.
 */
final class AoOptions {
    /** {@code TCP_AO_KEYF_IFINDEX}: the interface counts. There are no VRFs, so that it can be none. */
    static final int KEYF_IFINDEX = 1;
    /** {@code TCP_AO_KEYF_EXCLUDE_OPT}: codes do not cover the other options. */
    static final int KEYF_EXCLUDE_OPTIONS = 2;

    /** Of the flags of each structure. */
    private static final int SET_CURRENT = 1;

    private static final int SET_NEXT = 2;

    /** {@code struct tcp_ao_add}: sockaddr_storage, name, interface, flags, padding, and then a byte each. */
    private static final int ADD = 288;

    private static final int ADD_INTERFACE = 192;
    private static final int ADD_FLAGS = 196;
    private static final int ADD_RESERVED = 200;
    private static final int ADD_PREFIX = 202;
    private static final int ADD_SEND_ID = 203;
    private static final int ADD_RECEIVE_ID = 204;
    private static final int ADD_CODE_LENGTH = 205;
    private static final int ADD_KEY_FLAGS = 206;
    private static final int ADD_KEY_LENGTH = 207;
    private static final int ADD_KEY = 208;

    /** {@code struct tcp_ao_del}. */
    private static final int DELETE = 144;

    private static final int DELETE_INTERFACE = 128;
    private static final int DELETE_FLAGS = 132;
    private static final int DELETE_RESERVED = 136;
    private static final int DELETE_PREFIX = 138;
    private static final int DELETE_SEND_ID = 139;
    private static final int DELETE_RECEIVE_ID = 140;
    private static final int DELETE_CURRENT = 141;
    private static final int DELETE_NEXT = 142;
    private static final int DELETE_KEY_FLAGS = 143;
    /** The key may be freed later; only of a listener. */
    private static final int DELETE_LATER = 4;

    /** {@code struct tcp_ao_info_opt}: flags, padding, two IDs, five counts. */
    private static final int INFO = 48;

    private static final int INFO_RESERVED = 4;
    private static final int INFO_CURRENT = 6;
    private static final int INFO_NEXT = 7;
    private static final int INFO_COUNTS = 8;
    private static final int INFO_REQUIRED = 4;
    private static final int INFO_SET_COUNTS = 8;
    private static final int INFO_ACCEPT_ICMPS = 16;

    /** Where SYNs have room for it beside their other options. */
    private static final int LONGEST_CODE = 16;

    private static final int AES_128_KEY = 16;

    private AoOptions() {}

    /** Whether an option is one of these, to set. */
    static boolean isSet(int option) {
        return option == Linux.TCP_AO_ADD_KEY || option == Linux.TCP_AO_DEL_KEY || option == Linux.TCP_AO_INFO;
    }

    /**
     * Sets an option.
     *
     * @param domain of the socket
     * @param listens whether it listens, and so signs with no certain key
     * @param peer whom it is connected to; null for nobody yet
     */
    static void set(TcpKeys keys, int option, byte[] value, int domain, boolean listens, @Nullable IpAddress peer)
            throws ErrnoException {
        if (!keys.mayBegin()) {
            throw new ErrnoException(Linux.EISCONN); // established without
        }
        switch (option) {
            case Linux.TCP_AO_ADD_KEY -> add(keys, value, domain, listens, peer);
            case Linux.TCP_AO_DEL_KEY -> delete(keys, value, domain, listens);
            default -> set(keys, value, listens);
        }
    }

    private static void add(TcpKeys keys, byte[] value, int domain, boolean listens, @Nullable IpAddress peer)
            throws ErrnoException {
        final ByteBuffer fields = fields(value, ADD);
        final int length = value[ADD_KEY_LENGTH] & 0xFF;
        final int flags = fields.getInt(ADD_FLAGS);
        check(length <= AoKey.MAX_SECRET, Linux.EINVAL);
        check((flags & ~(SET_CURRENT | SET_NEXT)) == 0 && fields.getShort(ADD_RESERVED) == 0, Linux.EINVAL);
        final Cidr<? extends IpAddress> peers = AoAddresses.network(value, domain, value[ADD_PREFIX] & 0xFF);
        check(peer == null || peers.contains(peer), Linux.EINVAL);
        final int keyFlags = value[ADD_KEY_FLAGS];
        check((keyFlags & ~(KEYF_IFINDEX | KEYF_EXCLUDE_OPTIONS)) == 0, Linux.EINVAL);
        check(fields.getInt(ADD_INTERFACE) == 0, Linux.EINVAL);
        check(!listens || flags == 0, Linux.EINVAL);
        for (final Md5Key other : keys.md5Keys()) {
            check(!AoAddresses.overlap(peers, other.peer()), Linux.EKEYREJECTED);
        }
        final byte[] secret = new byte[length];
        fields.get(ADD_KEY, secret);
        final AoAlgorithm algorithm = algorithm(value, length);
        final int code = value[ADD_CODE_LENGTH] & 0xFF;
        check(code <= LONGEST_CODE, Linux.EMSGSIZE);
        check(code == 0 || code == AoAlgorithm.CODE_LENGTH, Linux.EOPNOTSUPP);
        check(length > 0, Linux.EINVAL);
        final AoKey whole =
                new AoKey(peers, algorithm, secret, value[ADD_SEND_ID] & 0xFF, value[ADD_RECEIVE_ID] & 0xFF);
        final AoKey key = (keyFlags & KEYF_EXCLUDE_OPTIONS) != 0 ? whole.withoutOptions() : whole;
        try {
            keys.set(key);
        } catch (IllegalArgumentException e) {
            throw new ErrnoException(Linux.EEXIST);
        }
        choose(keys, (flags & SET_CURRENT) != 0 ? key : null, (flags & SET_NEXT) != 0 ? key : null);
    }

    private static AoAlgorithm algorithm(byte[] value, int secret) throws ErrnoException {
        final String name = AoAddresses.name(value);
        for (final AoAlgorithm algorithm : AoAlgorithm.values()) {
            if (algorithm.linuxName().equals(name)) {
                return algorithm;
            }
        }
        check(name.equals("cmac(aes)"), Linux.ENOENT);
        check(secret == AES_128_KEY, Linux.EINVAL); // nothing makes a key of what has another length
        return AoAlgorithm.AES_128_CMAC_96;
    }

    private static void delete(TcpKeys keys, byte[] value, int domain, boolean listens) throws ErrnoException {
        final ByteBuffer fields = fields(value, DELETE);
        final int flags = fields.getInt(DELETE_FLAGS);
        final int keyFlags = value[DELETE_KEY_FLAGS];
        check((flags & ~(SET_CURRENT | SET_NEXT | DELETE_LATER)) == 0, Linux.EINVAL);
        check(fields.getShort(DELETE_RESERVED) == 0, Linux.EINVAL);
        check(!listens || (flags & (SET_CURRENT | SET_NEXT)) == 0, Linux.EINVAL);
        check(listens || (flags & DELETE_LATER) == 0, Linux.EINVAL);
        check((keyFlags & ~KEYF_IFINDEX) == 0, Linux.EINVAL);
        final int at = fields.getInt(DELETE_INTERFACE);
        check(at == 0 || (keyFlags & KEYF_IFINDEX) != 0, Linux.EINVAL);
        final AoKey current = chosen(keys, flags & SET_CURRENT, value[DELETE_CURRENT], true);
        final AoKey next = chosen(keys, flags & SET_NEXT, value[DELETE_NEXT], false);
        final Cidr<? extends IpAddress> peers = AoAddresses.network(value, domain, value[DELETE_PREFIX] & 0xFF);
        for (final AoKey key : keys.aoKeys()) {
            if (key.sendId() == (value[DELETE_SEND_ID] & 0xFF)
                    && key.receiveId() == (value[DELETE_RECEIVE_ID] & 0xFF)
                    && key.peer().equals(peers)
                    && key != current
                    && key != next
                    && at == 0) {
                choose(keys, current, next);
                try {
                    keys.remove(key);
                } catch (IllegalStateException e) {
                    throw new ErrnoException(Linux.EBUSY);
                }
                return;
            }
        }
        throw new ErrnoException(Linux.ENOENT);
    }

    private static void set(TcpKeys keys, byte[] value, boolean listens) throws ErrnoException {
        final ByteBuffer fields = fields(value, INFO);
        final int flags = fields.getInt(0);
        check(!listens || (flags & (SET_CURRENT | SET_NEXT)) == 0, Linux.EINVAL);
        final int known = SET_CURRENT | SET_NEXT | INFO_REQUIRED | INFO_SET_COUNTS | INFO_ACCEPT_ICMPS;
        check((flags & ~known) == 0 && fields.getShort(INFO_RESERVED) == 0, Linux.EINVAL);
        check((flags & INFO_REQUIRED) == 0 || keys.md5Keys().isEmpty(), Linux.EKEYREJECTED);
        final AoKey current = chosen(keys, flags & SET_CURRENT, value[INFO_CURRENT], true);
        final AoKey next = chosen(keys, flags & SET_NEXT, value[INFO_NEXT], false);
        if ((flags & INFO_SET_COUNTS) != 0) {
            final AoCounts counts = keys.counts();
            fields.position(INFO_COUNTS);
            counts.good = fields.getLong();
            counts.bad = fields.getLong();
            counts.keyNotFound = fields.getLong();
            counts.required = fields.getLong();
            counts.droppedIcmps = fields.getLong();
        }
        keys.required((flags & INFO_REQUIRED) != 0);
        keys.acceptsIcmps((flags & INFO_ACCEPT_ICMPS) != 0);
        choose(keys, current, next);
    }

    /** TCP_AO_INFO: ENOENT if there is nothing to tell. */
    static byte[] info(TcpKeys keys) throws ErrnoException {
        check(!keys.aoKeys().isEmpty() || keys.required(), Linux.ENOENT);
        final byte[] value = new byte[INFO];
        final ByteBuffer fields = OptionBytes.over(value);
        final AoKey current = keys.current();
        final AoKey next = keys.next();
        fields.putInt((current == null ? 0 : SET_CURRENT)
                | (next == null ? 0 : SET_NEXT)
                | (keys.required() ? INFO_REQUIRED : 0)
                | (keys.acceptsIcmps() ? INFO_ACCEPT_ICMPS : 0));
        fields.putShort((short) 0);
        fields.put((byte) (current == null ? 0 : current.sendId())).put((byte) (next == null ? 0 : next.receiveId()));
        final AoCounts counts = keys.counts();
        fields.putLong(counts.good).putLong(counts.bad).putLong(counts.keyNotFound);
        fields.putLong(counts.required).putLong(counts.droppedIcmps);
        return value;
    }

    private static @Nullable AoKey chosen(TcpKeys keys, int flag, byte id, boolean sends) throws ErrnoException {
        if (flag == 0) {
            return null;
        }
        for (final AoKey key : keys.aoKeys()) {
            if ((sends ? key.sendId() : key.receiveId()) == (id & 0xFF)) {
                return key;
            }
        }
        throw new ErrnoException(Linux.ENOENT);
    }

    private static void choose(TcpKeys keys, @Nullable AoKey current, @Nullable AoKey next) {
        if (current != null) {
            keys.signWith(current);
        }
        if (next != null) {
            keys.receiveNext(next);
        }
    }

    /** A structure; bytes behind what is known of it must be 0, as they are of who knows no more either. */
    static ByteBuffer fields(byte[] value, int length) throws ErrnoException {
        check(value.length >= length, Linux.EINVAL);
        for (int i = length; i < value.length; i++) {
            check(value[i] == 0, Linux.E2BIG);
        }
        return OptionBytes.over(value);
    }

    static void check(boolean good, int errno) throws ErrnoException {
        if (!good) {
            throw new ErrnoException(errno);
        }
    }
}
