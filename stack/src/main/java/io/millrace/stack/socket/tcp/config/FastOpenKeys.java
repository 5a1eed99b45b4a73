package io.millrace.stack.socket.tcp.config;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What Fast Open cookies are made with (RFC 7413 section 4.1.2): a key of 16 bytes, and perhaps the one before it, whose
 * cookies are still good. A cookie is SipHash of the client's and the server's address under the key, the 8 bytes that
 * Linux makes of them: hosts behind one address, of whatever system, that share keys know one another's cookies.
 *
 * <p>Change keys from time to time (section 5.2): {@code listener.fastOpen().keys(keys.next(fresh))}.
 *
 * <p>Immutable. {@link #toString()} does not tell the keys.
 */
public final class FastOpenKeys {
    /** Bytes of a key. */
    public static final int LENGTH = 16;

    /** Bytes of a cookie of ours. */
    public static final int COOKIE_LENGTH = Long.BYTES;

    /** Two words for each key, the current one first. */
    private final long[] words;

    private final SipHash current;
    /** The same as the current one if there is none. */
    private final SipHash previous;

    private FastOpenKeys(final long... words) {
        this.words = words;
        this.current = new SipHash(words[0], words[1]);
        this.previous = words.length == 2 ? current : new SipHash(words[2], words[3]);
    }

    /**
     * Takes keys as TCP_FASTOPEN_KEY does.
     *
     * @param bytes a key, or the current one and the previous one
     * @throws IllegalArgumentException if they are not 16 or 32 bytes
     */
    public static FastOpenKeys of(final byte[] bytes) {
        if (bytes.length != LENGTH && bytes.length != 2 * LENGTH) {
            throw new IllegalArgumentException("Fast Open keys of " + bytes.length
                    + " bytes; give one of 16, or the current one and the previous one in 32");
        }
        final long[] words = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        return new FastOpenKeys(words);
    }

    /**
     * Reads keys as Linux's {@code net.ipv4.tcp_fastopen_key} is written: four groups of eight hexadecimal digits with
     * dashes between, and perhaps, after a comma, those of the previous key.
     *
     * @throws IllegalArgumentException if it is written otherwise
     */
    public static FastOpenKeys parse(final String text) {
        final String[] keys = text.strip().split(",", -1);
        final ByteBuffer bytes = ByteBuffer.allocate(keys.length * LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        for (final String key : keys) {
            final String[] groups = key.strip().split("-", -1);
            for (final String group : groups) {
                if (groups.length != 4 || group.length() != 8 || keys.length > 2) {
                    throw new IllegalArgumentException("these are no Fast Open keys; write one as"
                            + " 01234567-89abcdef-01234567-89abcdef, and a previous one behind a comma");
                }
                bytes.putInt(HexFormat.fromHexDigits(group));
            }
        }
        return of(bytes.array());
    }

    /** A key of the host's own. */
    public static FastOpenKeys of(final SipHash secret) {
        return new FastOpenKeys(secret.hash(0), secret.hash(1));
    }

    /** The key that comes next, with the current one as its previous one. */
    public FastOpenKeys next(final byte[] key) {
        final FastOpenKeys next = of(key);
        return new FastOpenKeys(next.words[0], next.words[1], words[0], words[1]);
    }

    /** The keys, as {@link #of(byte[])} takes them. */
    public byte[] bytes() {
        final ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(words);
        return bytes.array();
    }

    /** The keys, as {@link #parse} reads them; a secret. */
    public String text() {
        final HexFormat hex = HexFormat.of();
        final StringBuilder text = new StringBuilder();
        final ByteBuffer bytes = ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            text.append(bytes.position() == 0 ? "" : bytes.position() == LENGTH ? "," : "-")
                    .append(hex.toHexDigits(bytes.getInt()));
        }
        return text.toString();
    }

    /** The cookie of a flow's peer, its first byte highest. */
    public long cookie(final FlowEntry flow) {
        return cookie(current, flow);
    }

    /** Whether a cookie is one that the current key made for a flow's peer. */
    public boolean isCurrent(final FlowEntry flow, final long cookie) {
        return cookie(current, flow) == cookie;
    }

    /** Whether a cookie is one that the previous key made for a flow's peer. */
    public boolean isPrevious(final FlowEntry flow, final long cookie) {
        return cookie(previous, flow) == cookie;
    }

    private static long cookie(final SipHash key, final FlowEntry flow) {
        final long hash = flow.family == IpFamily.V4
                ? key.hash(Long.reverseBytes(flow.remoteLo << 32 | (flow.localLo & 0xFFFF_FFFFL)))
                : key.hash(
                        Long.reverseBytes(flow.remoteHi),
                        Long.reverseBytes(flow.remoteLo),
                        Long.reverseBytes(flow.localHi),
                        Long.reverseBytes(flow.localLo));
        return Long.reverseBytes(hash);
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof FastOpenKeys that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** For a person: how many there are. */
    @Override
    public String toString() {
        return words.length == 2 ? "a key" : "a key and a previous one";
    }
}
