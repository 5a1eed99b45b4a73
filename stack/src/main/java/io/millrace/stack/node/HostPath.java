package io.millrace.stack.node;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeCounter;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.VlanView;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The exception path of a router: sends to the host what is the host's, and the rest to the router. The host and the
 * router share MAC and IP addresses; the router answers for them on the link and forwards, the host speaks all protocols
 * that are addressed to them. To the host go
 *
 * <ul>
 *   <li>packets to an own address: ping, SSH, BGP, whatever it is
 *   <li>packets to groups and to all: OSPF, VRRP, DHCP, router solicitations
 *   <li>frames that are neither ARP nor IP: LLDP, IS-IS; and those of VLANs, for the host's own interfaces in these
 *   <li>copies of ARP and of neighbour discovery, since both have neighbours; but for questions about an own address,
 *       which the router alone answers
 * </ul>
 *
 * <p>Frames with a priority but no VLAN, and packets that are cut off, go to the router, which counts what it drops. Of a
 * port that {@linkplain #vlan belongs to a VLAN} all this holds for the frames of that VLAN, which go to the host tags and
 * all (a {@link VlanPop} takes them off), and all others go to the router.
 * What the host sends does not pass here, but goes out of its port as it is.
 *
 * <p>Packets come from {@link io.millrace.dataplane.pipeline.PortInput}s with numbers; edges: {@code router}, and {@code
 * host0}, {@code host1} and so on for the ports.
 */
public final class HostPath extends Node {
    private static final int IPV4_GROUPS = 0xE0;
    private static final int IPV6_GROUPS = 0xFF;

    private final Edge router = edge("router");
    private final Edge[] hosts;
    private final Reason unknownPort = reason("unknownPort", "packets from a port that has no host");
    private final Reason noBuffer = reason("noBuffer", "copies for the host for which there was no buffer");
    private final NodeCounter toHost = counter("toHost", "packets for the host");
    private final NodeCounter copied = counter("copied", "packets of which the host got a copy");
    private final AddressList own = new AddressList();

    /** Those of the ports; null for none. */
    private final @Nullable VlanFilter[] vlans;

    /**
     * Makes a node without addresses.
     *
     * @param ports how many there are, at least 1
     * @throws IllegalArgumentException if there are fewer
     */
    public HostPath(final String name, final int ports) {
        super(name);
        if (ports < 1) {
            throw new IllegalArgumentException(name + " has " + ports + " ports; it has 1 or more");
        }
        vlans = new VlanFilter[ports];
        hosts = new Edge[ports];
        for (int i = 0; i < ports; i++) {
            hosts[i] = edge("host" + i);
        }
    }

    /** Sets the VLAN that a port belongs to. Before the graph runs. */
    public void vlan(final int port, final VlanFilter vlan) {
        vlans[port] = vlan.equals(VlanFilter.NONE) ? null : vlan;
    }

    /** Takes packets to an address for the host's from now on. On the graph's thread only, once the graph runs. */
    public void add(final IpAddress address) {
        own.add(address.hi(), address.lo());
    }

    /** Leaves packets to an address to the router from now on. On the graph's thread only. */
    public void remove(final IpAddress address) {
        own.remove(address.hi(), address.lo());
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final MemorySegment memory = burst.memory();
        for (int i = 0; i < burst.count(); i++) {
            final int port = burst.port(i);
            if (port >= hosts.length) {
                burst.drop(i, unknownPort);
                continue;
            }
            final long frame = burst.offset(i);
            final int length = burst.length(i);
            final VlanFilter vlan = vlans[port];
            final int header = header(vlan, memory, frame, length);
            if (vlan == null && header > EthernetView.LENGTH) {
                tagged(burst, i, port, VlanView.id(memory, frame + EthernetView.LENGTH));
                continue;
            }
            if (header < EthernetView.LENGTH) {
                burst.send(i, router);
                continue;
            }
            final long offset = frame + header;
            final int rest = length - header;
            switch (LinkHeader.type(memory, frame, header)) {
                case EthernetView.TYPE_ARP -> arp(burst, i, port, memory, offset, rest);
                case EthernetView.TYPE_IPV4 -> ipv4(burst, i, port, memory, offset, rest);
                case EthernetView.TYPE_IPV6 -> ipv6(burst, i, port, memory, offset, rest);
                default -> toHost(burst, i, port);
            }
        }
    }

    /** Bytes of a frame's header with all tags; negative if it is cut off, or of another VLAN than the port's. */
    private static int header(
            final @Nullable VlanFilter vlan, final MemorySegment memory, final long frame, final int length) {
        if (vlan == null) {
            return LinkHeader.length(memory, frame, length);
        }
        return length < EthernetView.LENGTH ? VlanFilter.TRUNCATED : vlan.headerLength(memory, frame, length);
    }

    /** A frame with a tag at a port in no VLAN. */
    private void tagged(final Burst burst, final int index, final int port, final int id) {
        if (id == VlanView.PRIORITY_ONLY) {
            burst.send(index, router);
        } else {
            toHost(burst, index, port);
        }
    }

    private void arp(
            final Burst burst,
            final int index,
            final int port,
            final MemorySegment memory,
            final long offset,
            final int length) {
        if (length >= ArpView.LENGTH
                && !(ArpView.operation(memory, offset) == ArpView.REQUEST
                        && own.contains(0, ArpView.targetIp(memory, offset)))) {
            copy(burst, index, port);
        }
        burst.send(index, router);
    }

    private void ipv4(
            final Burst burst,
            final int index,
            final int port,
            final MemorySegment memory,
            final long offset,
            final int length) {
        if (length < Ipv4View.MIN_LENGTH) {
            burst.send(index, router);
            return;
        }
        final long dst = Ipv4View.dst(memory, offset);
        if (own.contains(0, dst) || dst >>> 24 >= IPV4_GROUPS) {
            toHost(burst, index, port);
        } else {
            burst.send(index, router);
        }
    }

    private void ipv6(
            final Burst burst,
            final int index,
            final int port,
            final MemorySegment memory,
            final long offset,
            final int length) {
        if (length < Ipv6View.LENGTH) {
            burst.send(index, router);
            return;
        }
        final long dstHi = Ipv6View.dstHi(memory, offset);
        if (dstHi >>> 56 != IPV6_GROUPS && !own.contains(dstHi, Ipv6View.dstLo(memory, offset))) {
            burst.send(index, router);
            return;
        }
        final long message = offset + Ipv6View.LENGTH;
        final boolean icmp = Ipv6View.nextHeader(memory, offset) == Icmpv6View.PROTOCOL
                && length >= Ipv6View.LENGTH + NdpView.LENGTH;
        final int type = icmp ? IcmpView.type(memory, message) : 0;
        if (type == NdpView.NEIGHBOR_SOLICITATION) {
            if (!own.contains(NdpView.targetHi(memory, message), NdpView.targetLo(memory, message))) {
                copy(burst, index, port);
            }
            burst.send(index, router);
        } else if (type == NdpView.NEIGHBOR_ADVERTISEMENT) {
            copy(burst, index, port);
            burst.send(index, router);
        } else {
            toHost(burst, index, port);
        }
    }

    private void toHost(final Burst burst, final int index, final int port) {
        toHost.add(1);
        burst.send(index, hosts[port]);
    }

    private void copy(final Burst burst, final int index, final int port) {
        final long copy = cache().copy(burst.handle(index));
        if (copy == PacketPool.NONE) {
            count(noBuffer, 1);
            return;
        }
        copied.add(1);
        emit(hosts[port], copy);
    }
}
