package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TCP_AO_GET_KEYS: the keys that a {@code struct tcp_ao_getsockopt} asks for, as many such structures as it says, the first
 * of which tells how many there are. Secrets are told, as on Linux.
 */
final class AoKeyList {
    /** Bytes of the structure. */
    static final int LENGTH = 304;

    private static final int SECRET_OFFSET = 192;
    private static final int COUNT_OFFSET = 272;
    private static final int FLAGS_OFFSET = 276;
    private static final int SEND_ID_OFFSET = 278;
    private static final int RECEIVE_ID_OFFSET = 279;
    private static final int PREFIX_OFFSET = 280;
    private static final int CODE_LENGTH_OFFSET = 281;
    private static final int KEY_FLAGS_OFFSET = 282;
    private static final int SECRET_LENGTH_OFFSET = 283;
    private static final int INTERFACE_OFFSET = 284;
    private static final int GOOD_OFFSET = 288;
    private static final int BAD_OFFSET = 296;

    private static final int IS_CURRENT = 1;
    private static final int IS_NEXT = 2;
    private static final int GET_ALL = 4;

    /** Most of them in an answer. */
    private static final int MOST = 256;

    private AoKeyList() {}

    /**
     * Tells of keys.
     *
     * @param given the structure that asks; what is missing of it is 0
     * @param room bytes for each structure
     */
    static byte[] of(TcpKeys keys, byte[] given, int room) throws ErrnoException {
        AoOptions.check(room > 0, Linux.EINVAL);
        final byte[] asked = Arrays.copyOf(given, Math.max(LENGTH, given.length));
        final ByteBuffer fields = AoOptions.fields(asked, LENGTH);
        final int flags = fields.getShort(FLAGS_OFFSET);
        final int keyFlags = asked[KEY_FLAGS_OFFSET];
        AoOptions.check(fields.getLong(GOOD_OFFSET) == 0 && fields.getLong(BAD_OFFSET) == 0, Linux.EINVAL);
        AoOptions.check((keyFlags & ~AoOptions.KEYF_IFINDEX) == 0, Linux.EINVAL);
        final int at = fields.getInt(INTERFACE_OFFSET);
        AoOptions.check(at == 0 || keyFlags != 0, Linux.EINVAL);
        AoOptions.check((flags & ~(IS_CURRENT | IS_NEXT | GET_ALL)) == 0, Linux.EINVAL);
        AoOptions.check((flags & GET_ALL) == 0 || flags == GET_ALL, Linux.EINVAL);
        final Cidr<? extends IpAddress> peers = peers(asked, flags);
        AoOptions.check(!keys.aoKeys().isEmpty() || keys.required(), Linux.ENOENT);
        final List<AoKey> wanted = new ArrayList<>();
        for (final AoKey key : keys.aoKeys()) {
            final boolean named = peers != null
                    && key.peer().equals(peers)
                    && key.sendId() == (asked[SEND_ID_OFFSET] & 0xFF)
                    && key.receiveId() == (asked[RECEIVE_ID_OFFSET] & 0xFF)
                    && at == 0;
            final boolean used = ((flags & IS_CURRENT) != 0 && key == keys.current())
                    || ((flags & IS_NEXT) != 0 && key == keys.next());
            if (flags == GET_ALL || used || named) {
                wanted.add(key);
            }
        }
        final int most = Math.clamp(Integer.toUnsignedLong(fields.getInt(COUNT_OFFSET)), 0, MOST);
        return answer(keys, wanted, most, Math.min(room, LENGTH));
    }

    /** Whom keys are asked for by; null if otherwise. */
    private static @Nullable Cidr<? extends IpAddress> peers(byte[] asked, int flags) throws ErrnoException {
        final int family = AoAddresses.family(asked);
        final int prefix = asked[PREFIX_OFFSET] & 0xFF;
        if (family == 0 && flags != 0) {
            AoOptions.check(prefix == 0 && asked[SEND_ID_OFFSET] == 0 && asked[RECEIVE_ID_OFFSET] == 0, Linux.EINVAL);
            return null;
        }
        AoOptions.check(family == Linux.AF_INET || family == Linux.AF_INET6, Linux.EAFNOSUPPORT);
        final Cidr<? extends IpAddress> peers = AoAddresses.network(asked, family, prefix);
        AoOptions.check(flags == 0, Linux.EINVAL);
        return peers;
    }

    private static byte[] answer(TcpKeys keys, List<AoKey> wanted, int most, int room) {
        final int count = Math.min(most, wanted.size());
        final byte[] first = new byte[LENGTH];
        OptionBytes.over(first).putInt(COUNT_OFFSET, wanted.size());
        final byte[] answer = new byte[room * Math.max(1, count)];
        System.arraycopy(first, 0, answer, 0, room);
        for (int i = 0; i < count; i++) {
            final byte[] each = of(keys, wanted.get(i));
            OptionBytes.over(each).putInt(COUNT_OFFSET, i == 0 ? wanted.size() : 0);
            System.arraycopy(each, 0, answer, i * room, room);
        }
        return answer;
    }

    private static byte[] of(TcpKeys keys, AoKey key) {
        final byte[] value = new byte[LENGTH];
        final byte[] secret = key.secretBytes();
        AoAddresses.put(value, key.peer().address());
        AoAddresses.put(value, key.algorithm().linuxName());
        System.arraycopy(secret, 0, value, SECRET_OFFSET, secret.length);
        final int flags = (key == keys.current() ? IS_CURRENT : 0) | (key == keys.next() ? IS_NEXT : 0);
        OptionBytes.over(value)
                .putShort(FLAGS_OFFSET, (short) flags)
                .put(SEND_ID_OFFSET, (byte) key.sendId())
                .put(RECEIVE_ID_OFFSET, (byte) key.receiveId())
                .put(PREFIX_OFFSET, (byte) key.peer().prefixLength())
                .put(CODE_LENGTH_OFFSET, (byte) AoAlgorithm.CODE_LENGTH)
                .put(KEY_FLAGS_OFFSET, (byte) (key.coversOptions() ? 0 : AoOptions.KEYF_EXCLUDE_OPTIONS))
                .put(SECRET_LENGTH_OFFSET, (byte) secret.length)
                .putLong(GOOD_OFFSET, keys.good(key))
                .putLong(BAD_OFFSET, keys.bad(key));
        return value;
    }
}
