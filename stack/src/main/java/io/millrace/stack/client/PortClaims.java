package io.millrace.stack.client;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Ports of a protocol that sockets are bound to, so that a second one learns of it when it is bound, not when it
 * connects. Who may have the same one is what Linux says.
 */
final class PortClaims {
    /**
     * What a socket permits others that permit it too.
     *
     * @param address to be bound to its port, unless it listens: SO_REUSEADDR
     * @param port to be bound to its port in any case: SO_REUSEPORT
     */
    record Reuse(boolean address, boolean port) {
        static final Reuse NONE = new Reuse(false, false);

        Reuse withAddress(final boolean value) {
            return new Reuse(value, port);
        }

        Reuse withPort(final boolean value) {
            return new Reuse(address, value);
        }
    }

    private record Claim(ShardSocket owner, Endpoint<? extends IpAddress> local, Reuse reuse) {
        boolean conflicts(final Claim other) {
            return overlaps(other)
                    && !(reuse.port && other.reuse.port)
                    && !(reuse.address && other.reuse.address && !other.listens());
        }

        private boolean overlaps(final Claim other) {
            final IpAddress mine = local.address();
            final IpAddress theirs = other.local.address();
            final boolean sameZone = local.zone().isEmpty()
                    || other.local.zone().isEmpty()
                    || local.zone().equals(other.local.zone());
            return sameZone
                    && mine.family() == theirs.family()
                    && (mine.isUnspecified() || theirs.isUnspecified() || mine.equals(theirs));
        }

        private boolean listens() {
            return owner instanceof ShardListener;
        }
    }

    private final Map<Integer, List<Claim>> byPort = new HashMap<>();

    /**
     * Claims a port; harmless when done again.
     *
     * @param reuse what others are permitted that permit it too
     * @return false if it belongs to another socket
     */
    boolean claim(final ShardSocket owner, final Endpoint<? extends IpAddress> local, final Reuse reuse) {
        final Claim claim = new Claim(owner, local, reuse);
        final List<Claim> claims = byPort.computeIfAbsent(local.port(), port -> new ArrayList<>(1));
        for (final Claim other : claims) {
            if (!other.owner.equals(owner) && claim.conflicts(other)) {
                return false;
            }
        }
        claims.remove(claim);
        claims.add(claim);
        return true;
    }

    /** Changes what others are permitted from now on. */
    void permit(final ShardSocket owner, final int port, final Reuse reuse) {
        final List<Claim> claims = byPort.get(port);
        if (claims != null) {
            claims.replaceAll(claim -> claim.owner.equals(owner) ? new Claim(owner, claim.local, reuse) : claim);
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
