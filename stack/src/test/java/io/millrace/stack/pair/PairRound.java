package io.millrace.stack.pair;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.TwoStacks;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.PoolWatch;
import io.millrace.testkit.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Some connections between two ends of ours over a rough wire, from the first segment until nothing is left of them: for a
 * while applications and wire do as they like, then they behave, and everything has to arrive and end in time.
 */
final class PairRound implements AutoCloseable {
    private static final int STEPS = 150;
    private static final int PORT = 7;
    private static final int TOLD = Integer.getInteger("millrace.pair.told", 80);
    /** Whether packets are told, which makes a failure longer. */
    private static final boolean PACKETS = Boolean.getBoolean("millrace.pair.packets");
    /** An outage is no longer, microseconds. */
    private static final int OUTAGE = 12_000_000;

    final PairCase drawn;
    final SplittableRandom random;

    private final Story story;
    private final PoolWatch pools = new PoolWatch();
    private final List<PairPath> paths = new ArrayList<>();
    private final TwoStacks stacks;
    private final TcpListener<?> listener;
    private final Endpoint<?> remote;
    private final List<PairConnection> connections = new ArrayList<>();
    private final PairPromises promises = new PairPromises(this);
    private final long begin;
    private boolean behaves;
    private boolean ended;
    private @Nullable PairEpilogue epilogue;

    PairRound(final long seed) {
        random = new SplittableRandom(seed);
        drawn = new PairCase(seed, random);
        story = new Story("our ends:", drawn, TOLD);
        stacks = new TwoStacks(
                pools,
                drawn.medium,
                Math.max(drawn.mtus[0], drawn.mtus[1]),
                seed,
                drawn.half(0, this::path),
                drawn.half(1, this::path));
        paths.get(0).sender = paths.get(1);
        paths.get(1).sender = paths.get(0);
        stacks.otherArrival =
                () -> Math.min(paths.get(0).nextArrival(), paths.get(1).nextArrival());
        begin = stacks.clock.now();
        remote = Endpoint.parse(drawn.v6 ? "[" + TwoStacks.B6 + "]:" + PORT : TwoStacks.B4 + ":" + PORT);
        listener = stacks.b.listen(remote, 1 + random.nextInt(3), random.nextBoolean() ? new Acceptor() : null);
        sign(listener.options(), 20, 10);
        if (random.nextBoolean()) {
            new PairOptions(random).change(listener.options(), this::tell);
        }
        listener.deferAccept(random.nextInt(4) == 0 ? random.nextInt(3_000_000) : 0);
    }

    private PairPath path(final PortQueue queue, final PoolCache cache) {
        final PairPath path = new PairPath(queue, cache, drawn.medium, random.split());
        path.marks = drawn.marks();
        path.tells = !drawn.silent;
        if (PACKETS) {
            final String at = paths.isEmpty() ? "< " : "> ";
            path.told = packet -> story.tell(now(), at, packet);
        }
        paths.add(path);
        return path;
    }

    private void sign(final TcpOptions options, final int send, final int receive) {
        final Cidr<?> all = Cidr.parse(drawn.v6 ? "::/0" : "0.0.0.0/0");
        switch (drawn.signing) {
            case MD5 -> options.keys().set(new Md5Key(all, new byte[] {1, 2}));
            case AO ->
                options.keys().set(new AoKey(all, AoAlgorithm.HMAC_SHA_1_96, new byte[] {1, 2, 3}, receive, send));
            case NONE -> {
                // nothing to sign with
            }
        }
    }

    long now() {
        return stacks.clock.now();
    }

    long begin() {
        return begin;
    }

    void run() {
        connect();
        for (int i = 0; i < STEPS; i++) {
            if (random.nextInt(20) == 0 && connections.size() < drawn.connections) {
                connect();
            }
            final PairConnection one = connections.get(random.nextInt(connections.size()));
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> one.client.act();
                case 3, 4, 5 -> one.server.act();
                case 6 -> disturb();
                case 7 -> accept();
                default -> pass(1L << random.nextInt(1, 22));
            }
            check();
        }
        if (random.nextInt(12) == 0) {
            return; // given up amidst of it, it has to leave nothing behind
        }
        behave();
        if (!drawn.rude) {
            playEpilogue();
        }
        leaveNothing();
    }

    private void connect() {
        final PairConnection connection = new PairConnection(this, connections.size());
        connections.add(connection);
        if (random.nextInt(8) == 0) {
            connectBoth(connection);
        } else {
            final boolean withinUdp = drawn.withinUdp && random.nextInt(4) > 0;
            begin(connection.client, stacks.a.connect(remote, connection.client), withinUdp);
        }
    }

    /** Both sides open the connection at once (RFC 9293 figure 7). */
    private void connectBoth(final PairConnection connection) {
        final boolean withinUdp = drawn.withinUdp && random.nextBoolean();
        final Endpoint<IpAddress> a = end(TwoStacks.A4, TwoStacks.A6, connection.index);
        final Endpoint<IpAddress> b = end(TwoStacks.B4, TwoStacks.B6, connection.index);
        begin(connection.client, stacks.a.connect(a, b, connection.client), withinUdp);
        begin(connection.server, stacks.b.connect(b, a, connection.server), withinUdp);
    }

    private Endpoint<IpAddress> end(final String v4, final String v6, final int index) {
        return new Endpoint<>(IpAddress.parse(drawn.v6 ? v6 : v4), 1000 + index);
    }

    /** A side that connects begins. */
    private void begin(final PairApplication side, final TcpSocket<?> socket, final boolean withinUdp) {
        side.socket = socket;
        tell("connects", socket.toString());
        final TcpOptions options = socket.options();
        final boolean ofA = side.isClient();
        sign(options, ofA ? 10 : 20, ofA ? 20 : 10);
        if (withinUdp) {
            options.opening().remoteUdpPort(PairCase.UDP_PORT);
        }
        options.fastOpenConnect(random.nextBoolean()).fastOpenNoCookie(random.nextInt(3) == 0);
        if (random.nextBoolean()) {
            new PairOptions(random).change(options, this::tell);
        }
        if (random.nextBoolean()) {
            side.writeFirst();
        }
    }

    /** A server's side begins. */
    private void begin(final TcpSocket<?> socket) {
        if (epilogue != null) {
            epilogue.accepted(socket);
            return;
        }
        for (final PairConnection connection : connections) {
            if (connection.isOf(socket)) {
                final PairApplication server = connection.server;
                if (server.socket != null) {
                    break;
                }
                server.socket = socket;
                socket.handler(server);
                server.onConnected(socket);
                if (behaves) {
                    server.behave();
                }
                return;
            }
        }
        // What the wire repeats may begin what is over already, with a cookie or by Fast Open (RFC 7413 section 2.1).
        tell("unknown", socket);
        socket.handler(new TcpHandler() {});
        socket.abort();
    }

    private void accept() {
        for (TcpSocket<?> s = listener.accept(new TcpHandler() {});
                s != null;
                s = listener.accept(new TcpHandler() {})) {
            begin(s);
        }
    }

    /** The wire changes. */
    private void disturb() {
        switch (random.nextInt(5)) {
            case 0 -> {
                final int outage = random.nextInt(OUTAGE);
                tell("outage", outage);
                stacks.wire.linkUp(false);
                pass(outage);
                stacks.wire.linkUp(true);
            }
            case 1 -> {
                wire(drawn.conditions(), drawn.conditions());
                paths.forEach(path -> path.marks = drawn.marks());
                tell("marks", paths.get(0).marks + " and " + paths.get(1).marks);
            }
            default -> {
                if (drawn.narrows) {
                    final int mtu = random.nextInt(drawn.floor(), 1 + Math.max(drawn.mtus[0], drawn.mtus[1]));
                    tell("path", mtu);
                    paths.get(random.nextInt(2)).mtu = mtu;
                }
            }
        }
    }

    private void wire(final WireConditions ofA, final WireConditions ofB) {
        tell("wire", ofA);
        stacks.wire.a().conditions(ofA);
        stacks.wire.b().conditions(ofB);
    }

    private void pass(final long micros) {
        tell("pass", micros);
        stacks.runFor(micros);
    }

    private void behave() {
        tell("both", "behave");
        behaves = true;
        final long latency = 1L + random.nextInt(50_000);
        wire(WireConditions.PERFECT.withLatency(latency), WireConditions.PERFECT.withLatency(latency));
        while (connections.size() < drawn.connections && random.nextBoolean()) {
            connect();
        }
        accept();
        for (final PairConnection connection : connections) {
            connection.client.behave();
            connection.server.behave();
        }
        final long due = resumption(latency);
        final long[] before = reached();
        final long dropped = droppedForMemory();
        // While cookies may come back, what belongs to nothing may follow one that was lost, and is not reset.
        final long cookies = drawn.rude ? 150_000_000 : 0;
        final long patience = (drawn.silent ? 12L : 2L) * drawn.maxRto + cookies + neighbor() + 5_000_000;
        long progress = now();
        long reached = -1;
        boolean resumed = false;
        while (!allOver()) {
            accept();
            for (final PairConnection connection : connections) {
                connection.client.poll();
                connection.server.poll();
            }
            stacks.runFor(now() - progress > 1_000_000 ? 500_000 : 20_000);
            check();
            long sum = 0;
            for (final PairConnection connection : connections) {
                sum += connection.reached();
            }
            if (sum != reached) {
                reached = sum;
                progress = now();
            }
            final long since = progress;
            promise(
                    now() - since < patience,
                    "delivers everything",
                    () -> "nothing moves since " + since + connections);
            if (!resumed && now() > due) {
                resumed = true;
                if (droppedForMemory() == dropped) { // else other connections had the memory for what was sent again
                    checkResumption(before);
                }
            }
        }
    }

    /** One connection more, alone. */
    private void playEpilogue() {
        tell("one", "more");
        for (final PairPath path : paths) {
            path.mtu = Integer.MAX_VALUE;
            path.marks = 0;
        }
        final long latency = 1L + random.nextInt(50_000);
        wire(WireConditions.PERFECT.withLatency(latency), WireConditions.PERFECT.withLatency(latency));
        final PairEpilogue last = new PairEpilogue(this, latency, 12L * drawn.maxRto + neighbor() + 5_000_000);
        epilogue = last;
        final TcpSocket<?> socket = stacks.a.connect(remote, last);
        sign(socket.options(), 10, 20);
        if (drawn.withinUdp) {
            socket.options().opening().remoteUdpPort(PairCase.UDP_PORT);
        }
        last.play(socket);
    }

    /** Time passes, and what comes to the listener is accepted. */
    void run(final long micros) {
        stacks.runFor(micros);
        accept();
    }

    /** When whatever is in flight has moved on, since what was lost of it is sent again. */
    private long resumption(final long latency) {
        final TcpInfo info = new TcpInfo();
        long longest = 0;
        for (final PairConnection connection : connections) {
            for (final PairApplication side : List.of(connection.client, connection.server)) {
                final TcpSocket<?> socket = side.socket;
                if (socket != null && !side.over()) {
                    longest = Math.max(longest, socket.info(info).rto);
                }
            }
        }
        // A tail loss probe, which may repeat only what the peer does not report, begins the timeout anew.
        return now() + 2 * longest + neighbor() + 4 * latency + 1_500_000;
    }

    /** Time until a neighbour that did not answer is asked again, once a second while there is something to send. */
    private long neighbor() {
        return drawn.medium == Medium.ETHERNET ? 1_000_000 : 0;
    }

    private long[] reached() {
        final long[] reached = new long[connections.size()];
        for (int i = 0; i < reached.length; i++) {
            final PairConnection connection = connections.get(i);
            // While it begins, other things than a timeout may be waited for: a neighbour, place in a listener's queue.
            reached[i] = connection.isOpen() ? connection.reached() : -1;
        }
        return reached;
    }

    private long droppedForMemory() {
        return stacks.a.counters().get(StackCounter.TCP_NO_MEMORY)
                + stacks.b.counters().get(StackCounter.TCP_NO_MEMORY);
    }

    private void checkResumption(final long[] before) {
        for (int i = 0; i < before.length; i++) {
            final PairConnection connection = connections.get(i);
            promise(
                    drawn.silent || connection.isRude() || connection.reached() > before[i],
                    "goes on after an outage",
                    () -> "a timeout is over, and nothing moved of " + connection);
        }
    }

    /** Packets that were marked on their way. */
    int marked() {
        return paths.get(0).marked + paths.get(1).marked;
    }

    /** Whether what is open ends with its stack. */
    boolean over() {
        return ended;
    }

    private boolean allOver() {
        for (final PairConnection connection : connections) {
            if (!connection.over()) {
                return false;
            }
        }
        return true;
    }

    private void leaveNothing() {
        pass(drawn.tcp[0].timeouts().timeWait() + 100L * drawn.maxRto);
        accept(); // who was reset before it was accepted may be
        pass(1);
        leavesNothing(stacks.a, "a");
        leavesNothing(stacks.b, "b");
    }

    private void leavesNothing(final Stack stack, final String name) {
        final int[] flows = new int[1];
        stack.tcp().forEachFlow((family, localHi, localLo, remoteHi, remoteLo, ports) -> flows[0]++);
        promise(flows[0] == 0, "leaves no flow", () -> flows[0] + " at " + name);
        promise(stack.connections() == 0, "leaves no connection", () -> stack.connections() + " at " + name);
        promise(
                stack.tcp().timeWaits() == 0,
                "leaves no TIME-WAIT",
                () -> stack.tcp().timeWaits() + " at " + name);
        final int taken = stack.tcp().chunks().capacity() - stack.tcp().chunks().available();
        promise(taken == 0, "leaves no memory taken", () -> taken + " chunks at " + name);
        final long at = stack.tcp().pollAt(now());
        promise(at == Long.MAX_VALUE, "leaves no timer", () -> "due at " + at + " at " + name);
        promise(listener.halfOpen() == 0, "leaves nothing half-open", () -> listener.halfOpen() + " are");
    }

    private void check() {
        for (final PairConnection connection : connections) {
            promises.check(connection);
        }
        promises.check(stacks.a, "a");
        promises.check(stacks.b, "b");
    }

    void tell(final String kind, final Object what) {
        story.tell(now(), kind, what);
    }

    void promise(final boolean kept, final String name, final Supplier<String> broken) {
        story.promise(kept, name, broken);
    }

    @Override
    public void close() {
        ended = true;
        stacks.close();
        try {
            pools.assertFull();
        } finally {
            pools.close();
        }
    }

    /** Gives each connection that is accepted its application. */
    private final class Acceptor implements TcpHandler {
        @Override
        public void onConnected(final TcpSocket<?> socket) {
            PairRound.this.begin(socket);
        }
    }
}
