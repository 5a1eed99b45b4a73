package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/** The way out for packets of a connection that leave together, some of them for a device to cut. */
final class RunOutput {
    private final PacketStore packets;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final HeaderWriter headers;
    private final Routing routing;
    private final RouteTable routes;
    private final PathLimits limits;
    private final Counters<StackCounter> counters;
    private boolean cuts;

    RunOutput(
            final PacketStore packets,
            final HeaderWriter headers,
            final Routing routing,
            final PathLimits limits,
            final Counters<StackCounter> counters) {
        this.packets = packets;
        this.pool = packets.pool();
        this.memory = pool.memory();
        this.headers = headers;
        this.routing = routing;
        this.routes = routing.table();
        this.limits = limits;
        this.counters = counters;
    }

    /** There is one more link. */
    void added(final Link link) {
        cuts |= link.segmentation().any();
    }

    /** As {@link IpOutput#segmentsAtOnce}. */
    int segmentsAtOnce(final IpRepr ip, final int header, final int length) {
        // What a device cuts has no numbers of ours.
        final int route = cuts && !ip.routersMayFragment ? route(ip) : RouteTable.NONE;
        if (route == RouteTable.NONE) {
            return 1;
        }
        final Segmentation device = routing.link(routes.interfaceIndex(route)).segmentation();
        final boolean ours = ip.family == IpFamily.V4 ? device.ipv4() : device.ipv6();
        final int headers = IpFamily.headerLength(ip.family) + header;
        if (!ours) {
            return 1;
        }
        final long room = pool.dataRoom() - pool.headroom() - header + (device.buffers() - 1L) * pool.dataRoom();
        final int payload = (int) Math.min(device.largestPacket() - headers, room);
        return Math.max(1, Math.min(payload / length, device.segments()));
    }

    /**
     * As {@link IpOutput#sendRun}.
     *
     * @return -1, with nothing done, if they cannot leave as they are
     */
    int send(final long[] handles, final int count, final IpRepr ip) {
        final int header = IpFamily.headerLength(ip.family);
        final int longest = segmentLength(handles[0]) + header;
        final int route = route(ip);
        final Link link = route == RouteTable.NONE ? null : routing.link(routes.interfaceIndex(route));
        if (link == null || longest > limits.mtu(ip, longest, link, route)) {
            return -1;
        }
        final long nextHi = routes.nextHi(route, ip.dstHi);
        final long nextLo = routes.nextLo(route, ip.dstLo);
        ip.flowLabel = headers.flowLabel(handles[0], ip); // of one flow
        int sent = 0;
        while (sent < count) {
            final long handle = handles[sent];
            final int length = packets.length(handle) + header;
            if (!headers.write(handle, ip, length)) {
                counters.increment(StackCounter.TX_NO_HEADROOM);
                packets.free(handle);
            } else if (link.output(handle, ip.family, false, nextHi, nextLo) == IpOutput.BUSY) {
                packets.free(handles, sent + 1, count - sent - 1);
                return sent;
            }
            sent++;
        }
        return sent;
    }

    private int route(final IpRepr ip) {
        return routing.kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex) == AddressSet.NONE
                ? routing.route(ip, false)
                : RouteTable.NONE;
    }

    /** Bytes of the longest TCP segment that the wire sees of a packet. */
    private int segmentLength(final long handle) {
        return cuts && (BufferHeader.offloadFlags(memory, handle) & OffloadFlags.TX_SEGMENT) != 0
                ? OffloadFlags.transportLength(memory, handle) + OffloadFlags.segmentSize(memory, handle)
                : packets.length(handle);
    }
}
