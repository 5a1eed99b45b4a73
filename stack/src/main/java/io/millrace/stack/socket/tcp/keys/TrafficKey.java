package io.millrace.stack.socket.tcp.keys;

import org.jspecify.annotations.Nullable;

/** What signs the segments of one direction of one connection, derived from a master key (RFC 5925 section 5.2). */
public final class TrafficKey {
    private final AoKey master;
    private final byte[] bytes;
    /** Null unless the algorithm is AES. */
    private final @Nullable Cmac cmac;

    TrafficKey(final AoKey master, final byte[] bytes) {
        this.master = master;
        this.bytes = bytes;
        this.cmac = master.algorithm() == AoAlgorithm.AES_128_CMAC_96 ? new Cmac(bytes) : null;
    }

    /** Where it comes from. */
    public AoKey master() {
        return master;
    }

    /** Not a copy. */
    byte[] bytes() {
        return bytes;
    }

    /** Computes a code of a message, which it may overwrite, and {@code spare}. */
    void mac(final Hmac hmac, final byte[] message, final int length, final byte[] spare, final byte[] result) {
        if (cmac == null) {
            hmac.mac(bytes, message, length, result);
        } else {
            cmac.mac(message, length, spare, result);
        }
    }

    @Override
    public String toString() {
        return "traffic key of " + master;
    }
}
