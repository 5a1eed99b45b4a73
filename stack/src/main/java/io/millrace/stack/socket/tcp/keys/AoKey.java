package io.millrace.stack.socket.tcp.keys;

import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;

/**
 * A master key of TCP-AO and the peers that it is for: a master key tuple (RFC 5925 section 3.1), {@code TCP_AO_ADD_KEY}.
 * Each connection derives traffic keys of its own from it.
 *
 * <p>Immutable; {@link #toString()} does not tell its secret.
 */
public final class AoKey {
    /** Most bytes of a secret, as on Linux. */
    public static final int MAX_SECRET = 80;

    /** Greatest identifier. */
    public static final int MAX_ID = 255;

    private final Cidr<? extends IpAddress> peer;
    private final AoAlgorithm algorithm;
    private final byte[] secret;
    private final int sendId;
    private final int receiveId;
    private final boolean coversOptions;

    /**
     * Makes a key whose codes cover the other options of segments, too.
     *
     * @param peer who signs with it; bits behind the prefix do not count
     * @param secret 1 to {@link #MAX_SECRET} bytes; copied
     * @param sendId KeyID of what we sign, 0 to 255: the peer's {@code receiveId}
     * @param receiveId KeyID of what the peer signs, 0 to 255: the peer's {@code sendId}
     * @throws IllegalArgumentException if one of them is out of range
     */
    public AoKey(
            final Cidr<? extends IpAddress> peer,
            final AoAlgorithm algorithm,
            final byte[] secret,
            final int sendId,
            final int receiveId) {
        this(peer.network(), algorithm, secret.clone(), sendId, receiveId, true);
        if (secret.length == 0 || secret.length > MAX_SECRET) {
            throw new IllegalArgumentException(
                    "a TCP-AO secret of " + secret.length + " bytes for " + peer + "; it must be 1 to " + MAX_SECRET);
        }
        if ((sendId | receiveId) < 0 || sendId > MAX_ID || receiveId > MAX_ID) {
            throw new IllegalArgumentException(
                    "key IDs " + sendId + " and " + receiveId + " for " + peer + "; they are 0 to " + MAX_ID);
        }
    }

    private AoKey(
            final Cidr<? extends IpAddress> peer,
            final AoAlgorithm algorithm,
            final byte[] secret,
            final int sendId,
            final int receiveId,
            final boolean coversOptions) {
        this.peer = peer;
        this.algorithm = algorithm;
        this.secret = secret;
        this.sendId = sendId;
        this.receiveId = receiveId;
        this.coversOptions = coversOptions;
    }

    /** The same key for a path on which somebody changes options: its codes do not cover them. Both ends must agree. */
    public AoKey withoutOptions() {
        return new AoKey(peer, algorithm, secret, sendId, receiveId, false);
    }

    /** The network that the peers are in. */
    public Cidr<? extends IpAddress> peer() {
        return peer;
    }

    /** What derives traffic keys, and signs. */
    public AoAlgorithm algorithm() {
        return algorithm;
    }

    /** KeyID of what we sign. */
    public int sendId() {
        return sendId;
    }

    /** KeyID of what the peer signs. */
    public int receiveId() {
        return receiveId;
    }

    /** Whether codes cover the other options. */
    public boolean coversOptions() {
        return coversOptions;
    }

    /** A copy of the secret, which whoever asks for it has to keep one. */
    public byte[] secretBytes() {
        return secret.clone();
    }

    /** Not a copy. */
    byte[] secret() {
        return secret;
    }

    /** Whether it is for a peer; arguments as the fields of a flow. */
    boolean isFor(final int family, final long hi, final long lo) {
        return peer.address().family() == family && peer.contains(hi, lo);
    }

    @Override
    public String toString() {
        return "TCP-AO key " + sendId + "/" + receiveId + " for " + peer;
    }
}
