package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.fragment.FragmentIds;
import io.millrace.stack.iface.fragment.Fragmenter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/** Sends what is too long for its path in fragments. */
final class FragmentOutput {
    private final PacketStore packets;
    private final HeaderWriter headers;
    private final Fragmenter fragmenter;
    private final FragmentIds fragmentIds;
    private final WatchedPackets watched;
    private final Counters<StackCounter> counters;

    FragmentOutput(
            final PacketStore packets,
            final HeaderWriter headers,
            final FragmentIds fragmentIds,
            final WatchedPackets watched,
            final Counters<StackCounter> counters) {
        this.packets = packets;
        this.headers = headers;
        this.fragmenter = new Fragmenter(packets);
        this.fragmentIds = fragmentIds;
        this.watched = watched;
        this.counters = counters;
    }

    /** What cuts packets. */
    Fragmenter fragmenter() {
        return fragmenter;
    }

    /** Sends a packet that is too long for its path; all of it or nothing. */
    int send(
            final Link link,
            final long handle,
            final IpRepr ip,
            final int length,
            final int mtu,
            final boolean group,
            final long nextHi,
            final long nextLo) {
        final boolean v4 = ip.family == IpFamily.V4;
        final int id = v4
                ? fragmentIds.nextV4(ip.srcLo, ip.dstLo, ip.protocol)
                : fragmentIds.nextV6(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo);
        if (!headers.write(handle, ip, length, id, 0)) {
            return refuse(handle, StackCounter.TX_NO_HEADROOM, IpOutput.TOO_BIG);
        }
        final MemorySegment from = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        final int count = fragmenter.count(from, offset, length, mtu);
        if (count == 0) {
            return refuse(handle, StackCounter.TX_TOO_BIG, IpOutput.TOO_BIG);
        }
        if (!link.hasRoom(count)) {
            return refuse(handle, StackCounter.TX_QUEUE_FULL, IpOutput.BUSY);
        }
        if (!group && !link.admit(ip.family, nextHi, nextLo, count)) {
            return refuse(handle, StackCounter.NEIGHBOR_QUEUE_FULL, IpOutput.BUSY);
        }
        final boolean split = v4
                ? fragmenter.splitV4(from, offset, length, mtu, count)
                : fragmenter.splitV6(from, offset, length, mtu, count, id);
        if (!split) {
            link.admitted(ip.family, nextHi);
            return refuse(handle, StackCounter.TX_NO_FRAGMENT_BUFFERS, IpOutput.BUSY);
        }
        if (watched.isWatched(handle)) {
            watched.move(handle, fragmenter.fragment(0));
        }
        packets.free(handle);
        int result = IpOutput.SENT;
        for (int i = 0; i < count; i++) {
            result = Math.max(result, link.output(fragmenter.fragment(i), ip.family, group, nextHi, nextLo));
        }
        link.admitted(ip.family, nextHi);
        counters.add(StackCounter.TX_FRAGMENTS, count);
        return result;
    }

    private int refuse(final long handle, final StackCounter reason, final int result) {
        counters.increment(reason);
        packets.free(handle);
        return result;
    }
}
