package io.millrace.stack.demux;

import io.millrace.stack.timer.TimerNode;

/**
 * What a {@link FlowTable} holds: a flow's two ends, as seen from here, and a timer. The addresses are in the form of
 * {@link io.millrace.stack.wire.IpFamily}.
 */
public abstract class FlowEntry extends TimerNode {
    /** Upper half of our address; 0 for IPv4. */
    public final long localHi;
    /** Lower half of our address. */
    public final long localLo;
    /** Upper half of the peer's address; 0 for IPv4. */
    public final long remoteHi;
    /** Lower half of the peer's address. */
    public final long remoteLo;
    /** Our port in the upper 16 bits, the peer's in the lower. */
    public final int ports;
    /** {@link io.millrace.stack.wire.IpFamily#V4} or {@code V6}. */
    public final byte family;

    int hash;

    /** Makes an entry for a flow. */
    protected FlowEntry(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        this.family = (byte) family;
        this.localHi = localHi;
        this.localLo = localLo;
        this.remoteHi = remoteHi;
        this.remoteLo = remoteLo;
        this.ports = ports;
    }

    /** Makes an entry for the same flow as {@code other}'s. */
    protected FlowEntry(final FlowEntry other) {
        this(other.family, other.localHi, other.localLo, other.remoteHi, other.remoteLo, other.ports);
    }

    /** Our port, 0 to 65,535. */
    public final int localPort() {
        return ports >>> 16;
    }

    /** The peer's port, 0 to 65,535. */
    public final int remotePort() {
        return ports & 0xFFFF;
    }

    /** Packs two ports for {@link #ports}. */
    public static int ports(final int local, final int remote) {
        return (local << 16) | remote;
    }

    final boolean is(
            final int otherFamily,
            final long otherLocalHi,
            final long otherLocalLo,
            final long otherRemoteHi,
            final long otherRemoteLo,
            final int otherPorts) {
        return ports == otherPorts
                && remoteLo == otherRemoteLo
                && localLo == otherLocalLo
                && remoteHi == otherRemoteHi
                && localHi == otherLocalHi
                && family == otherFamily;
    }
}
