package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressEntry;
import io.millrace.stack.iface.address.AddressLife;
import io.millrace.stack.iface.address.AddressListener;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.address.GroupListener;
import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.iface.neighbor.NeighborCache;
import io.millrace.stack.iface.neighbor.Neighbors;
import io.millrace.stack.iface.neighbor.Resolver;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lower half of an interface: what it listens to, who its neighbours are, and a transmit queue that collects packets
 * so that one poll hands them to the port at once.
 */
public final class Link implements Resolver {
    private final int index;
    private final Medium medium;
    private final int headerLength;
    private long mac;
    private final int mtu;
    private final PortQueue port;
    private final PoolCache cache;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final VlanFilter vlan;
    private final ReceiveChecksums receiveChecksums;
    private final PortOffloads offloads;
    private final TransmitChecksums transmitChecksums;
    private final Solicitation solicitation;

    private final Groups groups = new Groups();
    private final AddressSet addresses4 = new AddressSet(IpFamily.V4, groups);
    private final AddressSet addresses6 = new AddressSet(IpFamily.V6, groups);
    private final LinkRules rules;
    private final AddressLife life;
    private final Neighbors neighbors;
    private final AnycastAnswers anycastAnswers;
    private final LinkSharing sharing = new LinkSharing(this);
    private @Nullable NextHopFailures failures;
    private final TransmitQueue transmit;
    private boolean router;
    private boolean ipv6Disabled;
    private long now;

    /**
     * Makes one without addresses.
     *
     * @param index of the interface within its stack
     * @param mac its MAC address; 0 if the medium has none
     * @param mtu largest IP packet in bytes
     * @param format what its frames look like
     * @param offloads what the port does
     * @param limits sizes of its tables
     * @param rules what it does and believes
     */
    public Link(
            final int index,
            final Medium medium,
            final long mac,
            final int mtu,
            final LinkFormat format,
            final PortOffloads offloads,
            final PortQueue port,
            final PoolCache cache,
            final LinkLimits limits,
            final LinkRules rules,
            final Entropy entropy,
            final Counters<StackCounter> counters) {
        this.index = index;
        this.medium = medium;
        this.mac = mac;
        this.mtu = mtu;
        this.vlan = format.vlan();
        this.port = port;
        this.cache = cache;
        this.memory = cache.pool().memory();
        this.counters = counters;
        this.receiveChecksums = new ReceiveChecksums(memory, format.checksums().trusted(), offloads);
        this.offloads = offloads;
        final int unwritten = format.checksums().unwritten();
        this.headerLength = switch (medium) {
            case ETHERNET -> vlan.sentLength();
            case IP -> 0;
        };
        this.transmitChecksums = new TransmitChecksums(cache.pool(), headerLength, unwritten, offloads);
        this.solicitation = new Solicitation(this, cache, counters);
        final DuplicateDetection detection =
                medium.hasLinkAddresses() ? rules.duplicateDetection() : DuplicateDetection.OFF;
        this.life = new AddressLife(addresses4, addresses6, solicitation, detection, entropy, counters);
        this.anycastAnswers = new AnycastAnswers(solicitation, entropy);
        this.rules = rules;
        this.transmit = new TransmitQueue(port, cache, limits.transmitQueue(), counters);
        this.neighbors = new Neighbors(
                medium.hasLinkAddresses() ? limits.neighbors() : 2, // next hops are never looked up without
                limits.packetsPerNeighbor(),
                limits.unresolvedPackets(),
                this,
                entropy,
                counters);
    }

    /**
     * Adds an own address that is not there.
     *
     * @param anycast whether others have it too, on purpose
     * @param preferredMicros for how long it is preferred; {@code Long.MAX_VALUE} for ever
     * @param validMicros after how long it is removed; {@code Long.MAX_VALUE} for never
     */
    public void addAddress(
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final boolean anycast,
            final long preferredMicros,
            final long validMicros) {
        life.add(family, hi, lo, prefixLength, anycast, preferredMicros, validMicros);
    }

    /**
     * Notes that another station uses one of our addresses, or checks it while we do. If it is the one that follows
     * from our MAC address and fails its check, IPv6 is switched off (RFC 4862 section 5.4.5).
     *
     * @param other its link address
     */
    void conflict(final OwnAddress own, final long other, final long at) {
        final boolean checking = own.checking();
        life.conflict(own, other, at);
        noteLoss(own, checking);
    }

    /** Draws the consequence from the loss of an address, if it was lost. */
    void noteLoss(final OwnAddress own, final boolean wasChecking) {
        final boolean lost = wasChecking && own.state() == AddressState.DUPLICATED;
        if (lost && own.address().equals(Ipv6Address.linkLocal(mac))) {
            ipv6Disabled = true;
            life.tellIpv6(false);
        }
    }

    /** What it has to do with the same link in other shards. */
    public LinkSharing sharing() {
        return sharing;
    }

    /** Whether IPv6 is switched off since somebody else has the address that follows from our MAC address. */
    public boolean ipv6Disabled() {
        return ipv6Disabled;
    }

    /** Speaks IPv6 again, once its addresses were checked. */
    public void enableIpv6() {
        if (ipv6Disabled) {
            ipv6Disabled = false;
            life.checkAgain();
            life.tellIpv6(true);
        }
    }

    /** What answers for anycast addresses. */
    AnycastAnswers anycastAnswers() {
        return anycastAnswers;
    }

    /** Removes an own address, in whatever state. Returns whether it was there. */
    public boolean removeAddress(final IpAddress address) {
        return life.remove(address);
    }

    /**
     * Gives an own address other lifetimes, counted from now.
     *
     * @return whether it was there
     */
    public boolean renewAddress(final IpAddress address, final long preferredMicros, final long validMicros) {
        return life.renew(address, preferredMicros, validMicros);
    }

    /** All own addresses, those of IPv4 first. */
    public List<AddressEntry> addresses() {
        return life.entries();
    }

    /** Sets who hears what becomes of own addresses. */
    public void onAddressChange(final AddressListener listener) {
        life.listener(listener);
    }

    /** Changes the MAC address and announces it for all addresses in use. The medium is Ethernet. */
    public void mac(final long newMac) {
        mac = newMac;
        life.announceAll();
    }

    /** Joins a multicast group once more. Returns whether it was the first time. */
    public boolean join(final IpAddress group) {
        groups.want(group);
        return addresses(group.family()).join(group.hi(), group.lo());
    }

    /**
     * Leaves a multicast group that was joined. Returns whether it was for the last time.
     *
     * @throws IllegalArgumentException if it was not joined, or left as often
     */
    public boolean leave(final IpAddress group) {
        groups.unwant(group);
        return addresses(group.family()).leave(group.hi(), group.lo());
    }

    /** Sets who hears of groups from now on, and tells it of those that are joined already. */
    public void onGroupChange(final GroupListener listener) {
        groups.listener(listener);
    }

    /** Index of the interface within its stack. */
    public int index() {
        return index;
    }

    /** What its packets begin with. */
    public Medium medium() {
        return medium;
    }

    /** Bytes in front of the IP header of what is sent, tags included; 0 for none. */
    int headerLength() {
        return headerLength;
    }

    /** Its MAC address; 0 if the medium has none. */
    public long mac() {
        return mac;
    }

    /** Which VLAN its frames belong to. */
    VlanFilter vlan() {
        return vlan;
    }

    /** Checksums of received packets that need not be checked. */
    ReceiveChecksums receiveChecksums() {
        return receiveChecksums;
    }

    /** Whether something below completes the checksums of TCP, so that whoever writes a segment need not. */
    boolean completesChecksums() {
        return offloads.transmitChecksums() || transmitChecksums.clears(IpRepr.CHECKSUM_TCP);
    }

    /** How the port cuts long TCP segments. */
    Segmentation segmentation() {
        return offloads.segmentation();
    }

    /** Makes sure that every packet's checksum is looked at: another interface leaves them to those below. */
    void expectPartialChecksums() {
        transmitChecksums.expectPartial();
    }

    /** Sets who knows which packets somebody wants to hear of when they leave. */
    void watched(final WatchedPackets packets) {
        transmit.watched(packets);
    }

    /** Largest IP packet in bytes. */
    public int mtu() {
        return mtu;
    }

    /** What it listens to. */
    AddressSet addresses(final int family) {
        return family == IpFamily.V4 ? addresses4 : addresses6;
    }

    /** Whether redirects of a family are followed. */
    boolean followsRedirects(final int family) {
        return family == IpFamily.V4 ? rules.redirects4() : rules.redirects6();
    }

    /** Says whether the stack forwards packets, which its neighbour advertisements tell. */
    void router(final boolean newRouter) {
        router = newRouter;
    }

    /** Whether the stack forwards packets. */
    boolean router() {
        return router;
    }

    /** What leads its addresses through their lives. */
    AddressLife life() {
        return life;
    }

    /** Who tells the sources of packets whose next hop does not answer. */
    void onUnreachable(final NextHopFailures newFailures) {
        failures = newFailures;
    }

    /** Its neighbours. */
    public Neighbors neighbors() {
        return neighbors;
    }

    /** What writes its ARP packets and neighbour messages. */
    Solicitation solicitation() {
        return solicitation;
    }

    /**
     * Whether a frame to a MAC address is for this station; whoever has a whole prefix is in all solicited-node groups.
     */
    boolean listensTo(final long dst) {
        return dst == mac
                || dst == MacAddress.BROADCAST_VALUE
                || (MacAddress.isMulticast(dst)
                        && (groups.listensTo(dst)
                                || (MacAddress.isSolicitedNode(dst) && addresses6.acceptsPrefixes())));
    }

    /** Receives packets; the caller owns them. */
    public int receive(final long[] handles, final int max, final long nowMicros) {
        now = nowMicros;
        return port.receive(handles, max, nowMicros);
    }

    /**
     * Sends an IP packet to a next hop. Takes it over.
     *
     * @param group whether the destination is a group or everyone, whose link address follows from its address
     * @return {@link IpOutput#SENT} or {@link IpOutput#BUSY}
     */
    int output(final long handle, final int family, final boolean group, final long nextHi, final long nextLo) {
        if (headerLength == 0) {
            return enqueue(handle);
        }
        final long dst = group
                ? Groups.mac(family, nextLo)
                : neighbors.towards(family, nextHi).resolve(nextHi, nextLo, handle, now);
        if (dst == NeighborCache.PENDING) {
            return IpOutput.SENT;
        }
        return frame(handle, family == IpFamily.V4 ? EthernetView.TYPE_IPV4 : EthernetView.TYPE_IPV6, dst);
    }

    /**
     * Makes room for the fragments of a datagram to a host where packets wait for the next hop's link address, should
     * they have to. {@link #output} follows for each of them, then {@link #admitted}.
     *
     * @return whether all of them fit; a datagram of which one fragment is lost is lost
     */
    boolean admit(final int family, final long nextHi, final long nextLo, final int fragments) {
        return !medium.hasLinkAddresses() || neighbors.towards(family, nextHi).admit(nextHi, nextLo, fragments);
    }

    /** Says that the fragments of a datagram were all put out. */
    void admitted(final int family, final long nextHi) {
        neighbors.towards(family, nextHi).admitted();
    }

    /** Writes an Ethernet header in front of a packet and queues it. Takes it over. */
    int frame(final long handle, final int type, final long dst) {
        if (ipv6Disabled && type == EthernetView.TYPE_IPV6) {
            counters.increment(StackCounter.IPV6_DISABLED);
            cache.free(handle);
            return IpOutput.NO_ROUTE;
        }
        final int begin = BufferHeader.prepend(memory, handle, headerLength);
        if (begin < 0) {
            counters.increment(StackCounter.TX_NO_HEADROOM);
            cache.free(handle);
            return IpOutput.TOO_BIG;
        }
        vlan.write(memory, handle + cache.pool().dataRoomOffset() + begin, dst, mac, type);
        return enqueue(handle);
    }

    /** Whether the transmit queue has room. */
    boolean ready() {
        return transmit.ready();
    }

    /** Whether a packet that was sent at a time still waits for the port to take it. */
    boolean holds(final long sentAt) {
        return transmit.holds(sentAt);
    }

    /** Time of the poll, in microseconds. */
    public long now() {
        return now;
    }

    /** Whether the transmit queue takes so many packets now, at the latest after what waits was handed to the port. */
    boolean hasRoom(final int number) {
        return transmit.hasRoom(number, now);
    }

    /** Hands queued packets to the port; returns how many it took. */
    public int flush() {
        return transmit.flush(now);
    }

    /** Works off the timers of neighbours and addresses. */
    public int pollNeighbors(final long nowMicros) {
        now = nowMicros;
        return life.poll(nowMicros) + anycastAnswers.poll(nowMicros) + neighbors.poll(nowMicros);
    }

    /** When this interface has something to do if no packet comes. */
    public long pollAt(final long nowMicros) {
        final long addresses = Math.min(life.pollAt(), anycastAnswers.pollAt());
        return Math.min(transmit.flushAt(nowMicros), Math.min(addresses, neighbors.pollAt()));
    }

    /** Frees everything that waits. */
    public void close() {
        neighbors.clear();
        transmit.clear();
    }

    @Override
    public void solicit(final int family, final long hi, final long lo, final long where) {
        solicitation.send(family, hi, lo, where);
    }

    @Override
    public void learned(final int family, final long hi, final long lo, final long neighborMac) {
        sharing.news().onNeighbor(index, family, hi, lo, neighborMac);
    }

    @Override
    public void deliver(final long handle, final long dst) {
        // Whether it is of IPv4 or IPv6 does not follow from its next hop.
        final int version = Ipv4View.version(memory, cache.pool().dataOffset(handle));
        frame(handle, version == IpFamily.V4 ? EthernetView.TYPE_IPV4 : EthernetView.TYPE_IPV6, dst);
    }

    @Override
    public void unreachable(final long handle) {
        if (failures == null) {
            cache.free(handle);
        } else {
            failures.report(handle, now);
        }
    }

    @Override
    public void drop(final long handle) {
        cache.free(handle);
    }

    private int enqueue(final long handle) {
        if (transmitChecksums.isNeeded()) {
            transmitChecksums.prepare(handle);
        }
        return transmit.add(handle, now);
    }
}
