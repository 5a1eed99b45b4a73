package io.millrace.stack.client;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;

/** The port that one socket is bound to, at one address or several, and whom it permits to have the same. */
final class PortClaim {
    private final PortClaims claims;
    private final ShardSocket owner;
    private PortClaims.Reuse reuse = PortClaims.Reuse.NONE;
    /** 0 if it has none. */
    private int port;

    PortClaim(final PortClaims claims, final ShardSocket owner) {
        this.claims = claims;
        this.owner = owner;
    }

    /** Claims a place; harmless when done again. Returns false if it belongs to another socket. */
    boolean take(final Endpoint<? extends IpAddress> local) {
        if (!claims.claim(owner, local, reuse)) {
            return false;
        }
        port = local.port();
        return true;
    }

    /** Takes everything back. */
    void release() {
        if (port != 0) {
            claims.release(owner, port);
            port = 0;
        }
    }

    /** SO_REUSEADDR. */
    boolean reusesAddress() {
        return reuse.address();
    }

    /** SO_REUSEPORT. */
    boolean reusesPort() {
        return reuse.port();
    }

    /** Sets {@link #reusesAddress}, for what it has too. */
    void reuseAddress(final boolean value) {
        permit(reuse.withAddress(value));
    }

    /** Sets {@link #reusesPort}, for what it has too. */
    void reusePort(final boolean value) {
        permit(reuse.withPort(value));
    }

    private void permit(final PortClaims.Reuse permitted) {
        reuse = permitted;
        claims.permit(owner, port, permitted);
    }
}
