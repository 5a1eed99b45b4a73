package io.millrace.stack.demux;

import io.millrace.stack.random.SipHash;

/**
 * Chooses local ports that a peer off the path cannot guess: RFC 6056 section 3.3.3, Algorithm 3. Ports towards one
 * destination follow one another from a start that only the key tells, so that none is used again too soon.
 *
 * <p>Not thread-safe: one shard, one allocator.
 */
public final class PortAllocator {
    private final SipHash hash;
    private final int first;
    private final int number;
    private int next;

    // The destination asked for last, and where its ports start; there is none with port 0.
    private long lastLocalHi;
    private long lastLocalLo;
    private long lastRemoteHi;
    private long lastRemoteLo;
    private int lastRemotePort;
    private long lastOffset;

    private FlowPlacement placement = FlowPlacement.ALL;

    /** Tells which ports are taken. */
    public interface Use {
        /** Whether {@code port} cannot be used for what the allocator was asked. */
        boolean taken(int port);
    }

    /**
     * Makes an allocator for a range of ports.
     *
     * @param first lowest port, at least 1
     * @param last highest port, at most 65,535
     * @throws IllegalArgumentException if there is no such range
     */
    public PortAllocator(final SipHash hash, final int first, final int last) {
        if (first < 1 || last > 0xFFFF || first > last) {
            throw new IllegalArgumentException(
                    "ephemeral ports " + first + " to " + last + "; they must be a range within 1 to 65535");
        }
        this.hash = hash;
        this.first = first;
        this.number = last - first + 1;
    }

    /** Sets which flows may be chosen. */
    public void placement(final FlowPlacement newPlacement) {
        placement = newPlacement;
    }

    /**
     * Chooses a port for a new flow; the arguments are its other three parts.
     *
     * @return the port, or 0 if all are taken
     */
    public int allocate(
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int remotePort,
            final Use use) {
        final long offset = offset(localHi, localLo, remoteHi, remoteLo, remotePort);
        for (int i = 0; i < number; i++) {
            final int port = first + (int) ((offset + (next++ & 0xFFFF_FFFFL)) % number);
            final int ports = FlowEntry.ports(port, remotePort);
            if (placement.comesHere(localHi, localLo, remoteHi, remoteLo, ports) && !use.taken(port)) {
                return port;
            }
        }
        return 0;
    }

    private long offset(
            final long localHi, final long localLo, final long remoteHi, final long remoteLo, final int remotePort) {
        if (lastRemotePort != remotePort
                || lastRemoteLo != remoteLo
                || lastRemoteHi != remoteHi
                || lastLocalLo != localLo
                || lastLocalHi != localHi
                || remotePort == 0) {
            lastOffset = hash.hash(localHi, localLo, remoteHi, remoteLo, remotePort) >>> 1;
            lastLocalHi = localHi;
            lastLocalLo = localLo;
            lastRemoteHi = remoteHi;
            lastRemoteLo = remoteLo;
            lastRemotePort = remotePort;
        }
        return lastOffset;
    }
}
