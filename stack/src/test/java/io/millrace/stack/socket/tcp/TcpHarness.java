package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An engine whose peer is the test: it sends what the script says and compares what comes back, with time standing still
 * unless the script moves it. Sequence numbers in the script are relative to both sides' first ones. Unlike a stack it
 * polls after each segment, so that every step's answer is seen at once. {@link HarnessLink} is what lies between.
 */
final class TcpHarness implements AutoCloseable, TcpHandler {
    static final Endpoint<Ipv4Address> LOCAL = new Endpoint<>(Ipv4Address.of(192, 0, 2, 1), 80);
    static final Endpoint<Ipv4Address> REMOTE = new Endpoint<>(Ipv4Address.of(192, 0, 2, 2), 49500);
    static final int REMOTE_ISS = 10_000;

    final TcpEngine engine;
    final HarnessLink link = new HarnessLink(this);
    final Counters<StackCounter> counters = new Counters<>(StackCounter.class);
    final List<String> events = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();
    int remoteIss = REMOTE_ISS;
    int localIss;
    boolean localIssKnown;
    /** Hop limit of what the peer sends from now on, as it arrives. */
    int hopLimitReceived = 64;
    /** What the peer signs with, and expects of us. */
    final PeerSignatures signatures = new PeerSignatures();

    long now = 1_000_000;
    /** Who is told what happens, after it was noted in {@link #events}. */
    TcpHandler then = new TcpHandler() {};

    @Nullable
    TcpSocket<?> socket;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment wire = arena.allocate(65_536);
    private final List<TcpSocket<?>> accepted = new ArrayList<>();
    private final ArrayDeque<Seg> sent = new ArrayDeque<>();
    private int localPort = LOCAL.port();
    private int remotePort = REMOTE.port();

    TcpHarness() {
        this(TcpConfig.builder().build());
    }

    TcpHarness(final TcpConfig config) {
        this.engine = new TcpEngine(config, link, Entropy.seeded(1), counters, failures::add);
    }

    /** A configuration in which only what the script does happens. */
    static TcpConfigBuilder plain() {
        return TcpConfig.builder()
                .timestamps(false)
                .sack(false)
                .windowScaling(false)
                .quickAcks(0)
                .synCookies(CookieMode.OFF)
                .bufferMemory(1 << 20)
                .chunkSize(1024)
                .receiveBuffer(8192)
                .sendBuffer(8192);
    }

    // ---- how a connection comes to be ----------------------------------------------------------------------------

    /**
     * Listens, lets the peer connect and drops the handshake's segments. The peer offers MSS 1460 and {@code window}.
     */
    static TcpHarness established(final TcpConfig config, final int window) {
        final TcpHarness h = new TcpHarness(config);
        h.listen(1);
        h.send(Seg.syn(0).mss(1460).win(window));
        h.expect(Seg.synAck(0, 1));
        h.send(Seg.ack(1, 1).win(window));
        h.expectNothing();
        assertEquals(TcpState.ESTABLISHED, h.state());
        h.events.clear();
        return h;
    }

    static TcpHarness established() {
        return established(plain().build(), 4096);
    }

    TcpListener<Ipv4Address> listen(final int backlog) {
        return engine.listen(LOCAL, backlog, false, this);
    }

    TcpSocket<Ipv4Address> connect() {
        final TcpSocket<Ipv4Address> opened = engine.connect(REMOTE, this);
        socket = opened;
        localPort = opened.local().port();
        return opened;
    }

    /** The accepted or opened socket. */
    TcpSocket<?> socket() {
        final TcpSocket<?> current = socket;
        if (current == null) {
            throw new AssertionError("there is no socket");
        }
        return current;
    }

    TcpState state() {
        return socket().state();
    }

    void ports(final int local, final int remote) {
        localPort = local;
        remotePort = remote;
    }

    // ---- the script ----------------------------------------------------------------------------------------------

    /** The peer sends a segment. */
    void send(final Seg segment) {
        deliver(segment);
        poll();
    }

    /** The peer's segment arrives, within a burst: nothing is polled. */
    void deliver(final Seg segment) {
        final TcpRepr header = new TcpRepr();
        header.clear();
        header.srcPort = remotePort;
        header.dstPort = localPort;
        header.flags = segment.flags;
        header.seq = segment.seq + remoteIss;
        header.ack = segment.ack == Seg.UNSET ? 0 : segment.ack + localIss;
        header.window = segment.window == Seg.UNSET ? 4096 : segment.window;
        header.urgent = segment.urgent;
        header.mss = segment.mss == Seg.UNSET ? 0 : segment.mss;
        header.windowShift = segment.windowShift == Seg.UNSET ? -1 : segment.windowShift;
        header.sackPermitted = Boolean.TRUE.equals(segment.sackPermitted);
        header.timestamps = Boolean.TRUE.equals(segment.timestamps);
        header.tsVal = segment.tsVal;
        header.tsEcr = segment.tsEcr;
        header.sackCount = segment.sacks.length / 2;
        for (int i = 0; i < header.sackCount; i++) {
            header.sackLeft[i] = segment.sacks[2 * i] + localIss;
            header.sackRight[i] = segment.sacks[2 * i + 1] + localIss;
        }
        segment.tell(header);
        final String cookie = segment.cookie;
        if (cookie != null) {
            final String digits = cookie + "0".repeat(32 - cookie.length());
            header.fastOpen = cookie.length() / 2;
            header.fastOpenExperimental = segment.experimental;
            header.cookieHi = HexFormat.fromHexDigitsToLong(digits, 0, 16);
            header.cookieLo = HexFormat.fromHexDigitsToLong(digits, 16, 32);
        }
        signatures.prepare(header);
        header.emit(wire, 0);
        final int headerLength = header.headerLength();
        final MemorySegment payload = Frames.ofBytes(segment.payload);
        MemorySegment.copy(payload, 0, wire, headerLength, segment.payload.length);
        final IpRepr ip = ip(headerLength + segment.payload.length);
        signatures.sign(ip, header, wire, remoteIss, localIss);
        ip.trafficClass = segment.ecn == Seg.UNSET ? 0 : segment.ecn;
        ip.hopLimit = hopLimitReceived;
        deliverRaw(ip.payloadLength, ip);
    }

    /** The bytes at the start of {@link #wire()} arrive as a segment, their checksum put right. */
    void deliverRaw(final int length) {
        deliverRaw(length, ip(length));
    }

    private static IpRepr ip(final int length) {
        final IpRepr ip = new IpRepr();
        ip.family = IpFamily.V4;
        ip.srcLo = REMOTE.address().lo();
        ip.dstLo = LOCAL.address().lo();
        ip.protocol = TcpView.PROTOCOL;
        ip.payloadLength = length;
        return ip;
    }

    /** As above, with other addresses. */
    void deliverRaw(final int length, final IpRepr ip) {
        if (length >= TcpView.MIN_LENGTH) {
            TcpView.checksum(wire, 0, 0);
            TcpView.checksum(
                    wire,
                    0,
                    InternetChecksum.finish(
                            InternetChecksum.pseudoHeader(0, ip.srcLo, 0, ip.dstLo, TcpView.PROTOCOL, length)
                                    + InternetChecksum.partial(wire, 0, length)));
        }
        engine.receive(ip, wire, 0, 0, 0, length, now);
    }

    /** The congestion window of the one connection, bytes. */
    int window() {
        for (final var flow : engine.flows.toArray()) {
            if (flow instanceof TcpConnection c) {
                return c.congestion.window();
            }
        }
        throw new AssertionError("there is no connection");
    }

    /** Memory to make segments in. */
    MemorySegment wire() {
        return wire;
    }

    void poll() {
        engine.poll(now, 256);
    }

    /** Time passes; whatever is due on the way happens at its time. */
    void advance(final long micros) {
        final long until = now + micros;
        while (engine.pollAt(now) <= until) {
            now = Math.max(now, engine.pollAt(now));
            poll();
        }
        now = until;
        poll();
    }

    void expect(final Seg expected) {
        final Seg actual = sent.poll();
        if (actual == null) {
            fail("expected " + expected + ", but nothing was sent");
        } else {
            final String mismatch = actual.mismatch(expected);
            if (mismatch != null) {
                fail("wrong " + mismatch + ": expected " + expected + ", but " + actual + " was sent; then " + sent);
            }
        }
    }

    void expectNothing() {
        assertTrue(sent.isEmpty(), () -> "sent, but not expected: " + sent);
    }

    /** Whatever was sent, taken off the list. */
    List<Seg> takeSent() {
        final List<Seg> all = new ArrayList<>(sent);
        sent.clear();
        return all;
    }

    // ---- the application -----------------------------------------------------------------------------------------

    /** The application sends, and the engine is polled. */
    void write(final String text) {
        assertEquals(text.length(), queue(text));
        poll();
    }

    /** The application sends. */
    int queue(final String text) {
        final MemorySegment bytes = Frames.ofBytes(text.getBytes(StandardCharsets.US_ASCII));
        return socket().send(bytes, 0, (int) bytes.byteSize());
    }

    /** The application reads all there is, and the engine is polled. */
    String read() {
        final int readable = socket().readable();
        final MemorySegment target = arena.allocate(readable + 1);
        final int count = socket().receive(target, 0, readable + 1);
        poll();
        return count <= 0 ? "" : new String(Frames.bytes(target, 0, count), StandardCharsets.US_ASCII);
    }

    void closeSocket() {
        socket().close();
        poll();
    }

    @Override
    public void onConnected(final TcpSocket<?> which) {
        socket = which;
        accepted.add(which);
        events.add("connected");
        then.onConnected(which);
    }

    @Override
    public void onReadable(final TcpSocket<?> which) {
        events.add("readable");
        then.onReadable(which);
    }

    @Override
    public void onUrgent(final TcpSocket<?> which) {
        events.add("urgent " + which.urgentLeft());
        then.onUrgent(which);
    }

    @Override
    public void onWritable(final TcpSocket<?> which) {
        events.add("writable");
        then.onWritable(which);
    }

    @Override
    public void onSendStage(final TcpSocket<?> which, final SendStage stage, final long position, final long micros) {
        events.add(stage + " " + position + " " + micros);
        then.onSendStage(which, stage, position, micros);
    }

    @Override
    public void onAcknowledged(final TcpSocket<?> which, final long bytes) {
        events.add("acknowledged " + bytes);
        then.onAcknowledged(which, bytes);
    }

    @Override
    public void onClosed(final TcpSocket<?> which, final CloseReason why) {
        events.add("closed " + why);
        then.onClosed(which, why);
    }

    // ---- what is sent --------------------------------------------------------------------------------------------

    /** Holds a segment of ours against the peer's keys. */
    void verifySignature(final IpRepr ip, final TcpRepr header, final MemorySegment memory) {
        signatures.verify(ip, header, memory, remoteIss, localIssKnown ? localIss : header.seq);
    }

    /** A segment of ours is on the wire. */
    void onSegment(final TcpRepr header, final MemorySegment memory) {
        sent.add(relative(header, Frames.bytes(memory, header.payloadOffset, header.payloadLength)));
    }

    private Seg relative(final TcpRepr header, final byte[] payload) {
        if (header.has(TcpView.SYN) && !localIssKnown) {
            localIss = header.seq;
            localIssKnown = true;
        }
        return Seg.of(header, payload, localIss, remoteIss);
    }

    /** Ends everything, and checks that all memory came back. */
    @Override
    public void close() {
        then = new TcpHandler() {};
        for (final var flow : engine.flows.toArray()) {
            if (flow instanceof TcpConnection c && c.socket != null) {
                c.socket.abort();
            }
        }
        accepted.forEach(TcpSocket::abort); // those that linger until they are read
        poll();
        poll();
        assertEquals(engine.chunks.capacity(), engine.chunks.available(), "chunks of byte queues are missing");
        assertEquals(0, engine.transfers.held(), "connections that are over hold transfers");
        engine.close();
        link.close();
        arena.close();
    }
}
