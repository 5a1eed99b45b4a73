package io.millrace.stack.client;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** TCP ports that sockets are bound to, so that a second one learns of it when it is bound, not when it connects. */
final class PortClaims {
    private record Claim(ShardSocket owner, Endpoint<? extends IpAddress> local, boolean shared) {
        boolean conflicts(final Claim other) {
            final IpAddress mine = local.address();
            final IpAddress theirs = other.local.address();
            return mine.family() == theirs.family()
                    && (mine.isUnspecified() || theirs.isUnspecified() || mine.equals(theirs))
                    && !(shared && other.shared && !(listens() && other.listens()));
        }

        private boolean listens() {
            return owner instanceof ShardListener;
        }
    }

    private final Map<Integer, List<Claim>> byPort = new HashMap<>();

    /**
     * Claims a port.
     *
     * @param shared whether others that want it too may have it as well, unless both listen: SO_REUSEADDR
     * @return false if it belongs to another socket
     */
    boolean claim(final ShardSocket owner, final Endpoint<? extends IpAddress> local, final boolean shared) {
        final Claim claim = new Claim(owner, local, shared);
        final List<Claim> claims = byPort.computeIfAbsent(local.port(), port -> new ArrayList<>(1));
        for (final Claim other : claims) {
            if (!other.owner.equals(owner) && claim.conflicts(other)) {
                return false;
            }
        }
        claims.add(claim);
        return true;
    }

    /** Changes whether what a socket claimed may be shared from now on. */
    void share(final ShardSocket owner, final int port, final boolean shared) {
        final List<Claim> claims = byPort.get(port);
        if (claims != null) {
            claims.replaceAll(claim -> claim.owner.equals(owner) ? new Claim(owner, claim.local, shared) : claim);
        }
    }

    /** Takes back what a socket claimed. */
    void release(final ShardSocket owner, final int port) {
        final List<Claim> claims = byPort.get(port);
        if (claims != null) {
            claims.removeIf(claim -> claim.owner.equals(owner));
            if (claims.isEmpty()) {
                byPort.remove(port);
            }
        }
    }
}
