package io.millrace.stack.socket.tcp.keys;

import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;

/**
 * A key for MD5 signatures (RFC 2385) and the peers that it is for: {@code TCP_MD5SIG}, with a prefix {@code
 * TCP_MD5SIG_EXT}. Where TCP-AO is to be had, it is the better choice (RFC 5925 section 1.1).
 *
 * <p>Immutable; tells nobody its secret, {@link #toString()} neither.
 */
public final class Md5Key {
    /** Most bytes of a secret, as on Linux and FreeBSD. */
    public static final int MAX_SECRET = 80;

    private final Cidr<? extends IpAddress> peer;
    private final byte[] secret;

    /**
     * Makes a key.
     *
     * @param peer who signs with it; bits behind the prefix do not count
     * @param secret 1 to {@link #MAX_SECRET} bytes; copied
     * @throws IllegalArgumentException if there are fewer or more
     */
    public Md5Key(final Cidr<? extends IpAddress> peer, final byte[] secret) {
        if (secret.length == 0 || secret.length > MAX_SECRET) {
            throw new IllegalArgumentException(
                    "an MD5 secret of " + secret.length + " bytes for " + peer + "; it must be 1 to " + MAX_SECRET);
        }
        this.peer = peer.network();
        this.secret = secret.clone();
    }

    /** The network that the peers are in. */
    public Cidr<? extends IpAddress> peer() {
        return peer;
    }

    /** Not a copy. */
    byte[] secret() {
        return secret;
    }

    @Override
    public String toString() {
        return "MD5 key for " + peer;
    }
}
