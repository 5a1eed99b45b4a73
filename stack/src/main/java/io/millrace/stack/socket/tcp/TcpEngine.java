package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.demux.FlowTable;
import io.millrace.stack.demux.FlowVisitor;
import io.millrace.stack.demux.ListenerTable;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.StageQueue;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.config.TcpOffer;
import io.millrace.stack.socket.tcp.recovery.Delivery;
import io.millrace.stack.storage.ChunkPool;
import io.millrace.stack.timer.TimerNode;
import io.millrace.stack.timer.TimerWheel;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * TCP of one shard: all its connections and listeners. The IP layer hands in segments with {@link #receive}; the poll
 * loop calls {@link #poll}, which runs timers, tells applications of events and sends what is due, in this order. The
 * work of a poll depends on how many connections have something to do, not on how many there are.
 *
 * <p>Single-threaded. Time is in microseconds and must not run backwards.
 */
public final class TcpEngine implements AutoCloseable {
    static final long SECOND = 1_000_000;

    /** Time until the link is tried again when it took no more. */
    private static final long RETRY_MICROS = 50;

    private static final int TIMERS_PER_POLL = 1024;

    final TcpConfig config;
    /** As configured, for connections and listeners without options of their own. */
    final TcpOptions settings;

    final Counters<StackCounter> counters;
    final Entropy entropy;
    final ChunkPool chunks;
    final FlowTable flows;
    final ListenerTable listeners;
    final TimerWheel wheel = new TimerWheel(0);
    final TcpTimers timers;
    final TcpEgress egress;
    final AckEgress acks;
    final ControlSegments control;
    final EventQueue events;
    /** What handlers are to be told of times. */
    final StageQueue stages;

    final FlowSecrets secrets;
    final SynCookies cookies;
    final Delivery delivery = new Delivery();
    final Spares spares;
    final Transfers transfers;
    final TcpClosing closing;

    final Encapsulations encapsulations;
    final TcpActive active;
    final FastOpen fastOpen;
    final TcpIngress ingress;
    private final Coalescer coalescer;
    private final TcpPassive passive;
    final TcpListeners listening;
    final TcpReceiver receiver;
    private final ReadyList ready;
    final SegmentWriter writer;
    final Signatures signatures;

    private TcpOffer offer;
    private TcpCustoms customs;
    private long now;
    private boolean closed;

    /**
     * Makes an engine without connections.
     *
     * @param output how it sends
     * @param entropy source of sequence numbers and ports
     * @param counters where it counts
     * @param failures gets what handlers throw
     */
    @SuppressWarnings("this-escape") // the parts keep the engine and use it only when they are called
    public TcpEngine(
            final TcpConfig config,
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final Consumer<Throwable> failures) {
        this.config = config;
        this.settings = new TcpOptions(config);
        this.offer = TcpOffer.of(config.features());
        this.customs = config.customs();
        this.entropy = entropy;
        this.counters = counters;
        this.chunks =
                new ChunkPool(config.buffers().bufferMemory(), config.buffers().chunkSize());
        final SipHash hash = entropy.newTableHash();
        this.encapsulations = new Encapsulations(config.udpEncapsulation(), hash);
        this.flows = new FlowTable(hash, config.limits().expectedConnections());
        this.listeners = new ListenerTable(hash);
        this.secrets = new FlowSecrets(entropy);
        this.cookies = new SynCookies(entropy);
        this.spares = new Spares(config);
        this.transfers = new Transfers(chunks, spares);
        this.events = new EventQueue(this, failures);
        this.stages = new StageQueue(counters);
        this.signatures = new Signatures(counters);
        this.writer = new SegmentWriter(output, settings, config.udpEncapsulation(), counters, signatures);
        this.ready = new ReadyList(config.features().burst());
        this.closing = new TcpClosing(this);
        this.acks = new AckEgress(this, writer);
        this.egress = new TcpEgress(this, writer, acks);
        this.control = new ControlSegments(this, writer);
        this.timers = new TcpTimers(this);
        this.ingress = new TcpIngress(this);
        this.coalescer = new Coalescer(this, ingress);
        final ArrivedSegment arrived = new ArrivedSegment();
        this.passive = new TcpPassive(this, arrived);
        this.listening = new TcpListeners(this, passive);
        this.receiver = new TcpReceiver(this, coalescer, passive, arrived);
        this.fastOpen = new FastOpen(this, entropy);
        this.active = new TcpActive(this, output, entropy);
    }

    /**
     * Takes a segment that the IP layer received for one of our addresses. The packet still belongs to the caller.
     * Segments that are one with others may be seen by their connection in the next {@link #poll} only.
     *
     * @param ip its addresses; not kept
     * @param memory where it is
     * @param linkOffset of the link's header; {@code ipOffset} if there is none
     * @param ipOffset of the IP header
     * @param offset of the TCP header
     * @param length of the segment, without any padding of the link's
     */
    public void receive(
            final IpRepr ip,
            final MemorySegment memory,
            final long linkOffset,
            final long ipOffset,
            final long offset,
            final int length,
            final long nowMicros) {
        now = nowMicros;
        receiver.receive(ip, memory, linkOffset, ipOffset, offset, length, nowMicros);
    }

    /**
     * Takes a segment within a UDP datagram that came to a port of {@link #encapsulations()} and was found
     * right, as {@link #receive} does one that is not.
     *
     * @param udp offset of the UDP header
     * @param length of the datagram, that header included
     */
    public void receiveWithinUdp(
            final IpRepr ip,
            final MemorySegment memory,
            final long linkOffset,
            final long ipOffset,
            final long udp,
            final int length,
            final long nowMicros) {
        now = nowMicros;
        receiver.receiveWithinUdp(ip, memory, linkOffset, ipOffset, udp, length, nowMicros);
    }

    /** A flow begins. */
    void enter(final TcpFlow flow) {
        flows.add(flow);
        encapsulations.enter(flow);
    }

    /** A flow is no more. */
    void leave(final TcpFlow flow) {
        flows.remove(flow);
        encapsulations.leave(flow);
    }

    /** Data in SYNs: what can be changed of it. */
    public FastOpen fastOpen() {
        return fastOpen;
    }

    /** Sets who hears of ports whose listeners send cookies. */
    public void onCookies(final IntConsumer listener) {
        listening.onCookies(listener);
    }

    /** Takes cookies of another stack's listener at a port for as good as those of our own. */
    public void heardOfCookies(final int port, final long now) {
        listening.heardOfCookies(port, now);
    }

    /** Sets which flows connections from here may have. */
    public void placement(final FlowPlacement placement) {
        active.placement(placement);
    }

    /** Whether there is a flow, in whatever state; arguments as the fields of {@link FlowEntry}. */
    public boolean has(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        return flows.find(family, localHi, localLo, remoteHi, remoteLo, ports) != null;
    }

    /** Whether a flow is within UDP between two ends; arguments as the fields of {@link FlowEntry}, the ports UDP's. */
    public boolean hasWithinUdp(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int udpPorts) {
        return encapsulations.has(family, localHi, localLo, remoteHi, remoteLo, udpPorts);
    }

    /** Shows all flows, in whatever state, as their packets tell them: of those within UDP the ports are UDP's. */
    public void forEachFlow(final FlowVisitor visitor) {
        for (final FlowEntry entry : flows.toArray()) {
            if (entry instanceof TcpFlow flow) {
                final int ports = encapsulations.outerPorts(flow);
                visitor.visit(flow.family, flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo, ports);
            }
        }
    }

    /** Whether a segment is for a connection or a listener; arguments as of {@link #receive}. */
    public boolean serves(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        if (length < TcpView.MIN_LENGTH) {
            return false;
        }
        final int port = TcpView.dstPort(memory, offset);
        final int ports = FlowEntry.ports(port, TcpView.srcPort(memory, offset));
        return listeners.find(ip.family, ip.dstHi, ip.dstLo, port) != null
                || flows.find(ip.family, ip.dstHi, ip.dstLo, ip.srcHi, ip.srcLo, ports) != null;
    }

    /**
     * Takes an ICMP error about a segment. RFC 5927 section 4.1: only one that quotes a sequence number in flight can
     * come from a router on the path, all others are dropped.
     *
     * @return whether a connection of ours has the quoted segment in flight
     */
    public boolean icmpError(final IcmpErrorRepr error, final long nowMicros) {
        coalescer.flush(nowMicros);
        return error.quotesTcp() && IcmpReaction.onError(this, passive, error, nowMicros);
    }

    /**
     * Runs timers, tells applications of events, sends.
     *
     * @param budget most segments to send
     * @return amount of work done; 0 if there was none
     */
    public int poll(final long nowMicros, final int budget) {
        now = nowMicros;
        coalescer.flush(nowMicros);
        int work = 0;
        while (work < TIMERS_PER_POLL) {
            final TimerNode node = wheel.poll(nowMicros);
            if (node == null) {
                break;
            }
            onTimer(node);
            work++;
        }
        transfers.poll(nowMicros);
        if (transfers.relieveAt() <= nowMicros) {
            work += transfers.relieve(counters, nowMicros);
        }
        work += events.dispatch();
        if (!ready.isEmpty()) {
            work += ready.transmit(egress, writer, budget, nowMicros);
        }
        return work;
    }

    /**
     * When {@link #poll} has something to do, if no segment comes before.
     *
     * @return microseconds; at most {@code nowMicros} for at once, {@code Long.MAX_VALUE} for not at all
     */
    public long pollAt(final long nowMicros) {
        if (events.due() || !coalescer.isEmpty()) {
            return nowMicros;
        }
        final long next = Math.min(wheel.next(), Math.max(nowMicros, transfers.relieveAt()));
        if (!ready.isEmpty()) {
            return writer.blocked() ? Math.min(nowMicros + RETRY_MICROS, next) : nowMicros;
        }
        return next;
    }

    private void onTimer(final TimerNode node) {
        if (node instanceof TcpConnection c) {
            timers.onTimer(c, now);
        } else if (node instanceof HalfOpen half) {
            passive.onTimer(half, now);
        } else if (node instanceof TimeWait old) {
            closing.forget(old);
        }
    }

    /** Puts a connection on the list of those that have something to send. */
    void ready(final TcpConnection c) {
        ready.add(c);
    }

    /** The time, as it was told last. */
    long now() {
        return now;
    }

    /**
     * Listens.
     *
     * @param local where; an unspecified address stands for all of ours of its family
     * @param backlog most established connections that wait to be delivered, at least 1
     * @param shared whether others that are shared too may listen there: SO_REUSEPORT
     * @param handler told of the events of accepted connections, until they get handlers of their own; null to let them
     *     wait for {@link TcpListener#accept}
     * @throws IllegalArgumentException if the port is 0 or the backlog is not positive
     * @throws io.millrace.stack.socket.AddressInUseException if there is a listener at that end, and not both are shared
     */
    public <A extends IpAddress> TcpListener<A> listen(
            final Endpoint<A> local, final int backlog, final boolean shared, final @Nullable TcpHandler handler) {
        return listening.open(local, backlog, shared, handler);
    }

    /**
     * Opens a connection from an address and port of our choice. It never fails at once: {@link TcpHandler#onClosed}
     * tells what went wrong, when the stack is polled.
     *
     * @throws IllegalArgumentException if the remote end is not one host and port
     */
    public <A extends IpAddress> TcpSocket<A> connect(final Endpoint<A> remote, final TcpHandler handler) {
        return active.connect(null, remote, handler, now);
    }

    /**
     * Opens a connection from a given end.
     *
     * @param local one of our addresses or the unspecified one, and a port or 0 for one of our choice
     * @throws IllegalArgumentException if the remote end is not one host and port
     */
    public <A extends IpAddress> TcpSocket<A> connect(
            final Endpoint<A> local, final Endpoint<A> remote, final TcpHandler handler) {
        return active.connect(local, remote, handler, now);
    }

    /** Whether something listens where {@code local} is, or at any address if that is unspecified. */
    public boolean listensAt(final Endpoint<? extends IpAddress> local) {
        return listening.areAt(local);
    }

    /** Takes a connection that is in the table into the engine's care. */
    <A extends IpAddress> TcpSocket<A> adopt(final TcpConnection c, final TcpHandler handler) {
        final TcpSocket<A> socket = new TcpSocket<>(c, handler);
        c.socket = socket;
        c.inTable = true;
        closing.begin();
        return socket;
    }

    /** The application read. */
    void consumed(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        if (transfer != null) {
            Urgent.left(c); // which notices when it was read
            BufferTuning.onRead(c, transfer, now);
        }
        if (c.state.canReceive()) {
            ReceiveWindow.tell(c);
        } else if (c.state == TcpState.TIME_WAIT && c.unread() == 0) {
            closing.endLinger(c);
        }
    }

    /**
     * Ends the connections from an address that is no longer ours: their handlers are told that they are unreachable,
     * the peers nothing. Looks at every connection.
     */
    public void addressRemoved(final IpAddress address) {
        AddressRemoval.end(this, passive, address, now);
    }

    /** Ends TIME-WAIT of all connections: for a stack that begins anew, as far as its user is concerned. */
    public void forgetTimeWaits() {
        closing.forgetTimeWaits();
    }

    /** What SYNs offer and accept, as configured unless {@linkplain #offer(TcpOffer) changed}. */
    public TcpOffer offer() {
        return offer;
    }

    /** Sets {@link #offer()} for handshakes that begin from now on. */
    public void offer(final TcpOffer value) {
        offer = value;
    }

    /** TCP within UDP: what can be changed of it. */
    public Encapsulations encapsulations() {
        return encapsulations;
    }

    /** What is done as other systems do, as configured unless {@linkplain #customs(TcpCustoms) changed}. */
    public TcpCustoms customs() {
        return customs;
    }

    /** Sets {@link #customs()}, from now on. */
    public void customs(final TcpCustoms value) {
        customs = value;
    }

    /** Stops listening and closes every connection in order. */
    public void closeAll() {
        listening.closeAll();
        closing.closeAll();
    }

    /** Connections that are open or being opened or closed; those in TIME-WAIT and half-open ones do not count. */
    public int connections() {
        return closing.connections();
    }

    /**
     * Connections of which the peer does not know everything yet: data or our FIN is not acknowledged, or we have not
     * closed our side. Looks at every connection.
     */
    public int unsettled() {
        return closing.unsettled();
    }

    /** Connections in TIME-WAIT. */
    public int timeWaits() {
        return closing.timeWaits();
    }

    /** The memory behind the buffers of all connections. */
    public ChunkPool chunks() {
        return chunks;
    }

    /** Resets every connection, tells the applications and frees all memory. Harmless when called again. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        listening.endAll();
        closing.endAll();
        while (events.due()) {
            events.dispatch();
        }
        chunks.close();
    }
}
