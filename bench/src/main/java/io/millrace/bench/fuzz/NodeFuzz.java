package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.GraphBuilder;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeStats;
import io.millrace.dataplane.pipeline.PacketTrace;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.PortOutput;
import io.millrace.dataplane.pipeline.node.Discard;
import io.millrace.dataplane.pipeline.node.End;
import io.millrace.dataplane.pipeline.node.LearningSwitch;
import io.millrace.dataplane.pipeline.node.MacSwap;
import io.millrace.dataplane.pipeline.node.MacTable;
import io.millrace.dataplane.pipeline.node.Recorder;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.pcap.CaptureOptions;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.node.ChecksumWriter;
import io.millrace.stack.node.HostPath;
import io.millrace.stack.node.Responder;
import io.millrace.stack.node.StackNode;
import io.millrace.stack.node.VlanPop;
import io.millrace.stack.node.VlanPush;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Frames into a node of the pipeline, which the first byte of the input names: each packet must come out once, be kept or
 * be counted, and in the end every buffer must be back. The lowest bits of a frame's last byte say by which port it
 * comes in, and whether the pool is empty.
 */
public final class NodeFuzz {
    /** Which node is meant; of the first byte of an input the remainder. */
    static final int NODES = 11;

    private static final int PORTS = 3;
    private static final int NO_SUCH_PORT = 3;
    private static final int EMPTY = 4;
    private static final int BUFFERS = 128;
    private static final int MAX_FRAME = 1_518;
    private static final long MAC = 0x0200_0000_0001L;
    private static final long SECOND = 1_000_000;
    private static final PacketPool POOL = ArenaPool.create(BUFFERS, MAX_FRAME);
    private static final List<IpAddress> OWN = List.of(IpAddress.parse("192.0.2.1"), IpAddress.parse("2001:db8::1"));
    private static final CaptureOptions CAPTURE =
            CaptureOptions.DEFAULT.withSnapLength(16).withPieces(2);
    private static final Path FILE = newFile();

    private NodeFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length > 0) {
            run(Math.floorMod(input[0], NODES), Arrays.copyOfRange(input, 1, input.length));
        }
    }

    /** Feeds one of the nodes; returns how many packets it saw. */
    static long run(final int which, final byte[] input) {
        final PoolCache cache = new PoolCache(POOL, 8);
        final Node node = node(which, cache);
        if (!(node instanceof final Recorder recorder)) {
            return run(node, cache, input);
        }
        try (PcapFile capture = PcapFile.create(FILE, Medium.ETHERNET, 0, CAPTURE)) {
            recorder.record(capture);
            return run(recorder, cache, input);
        }
    }

    /** One of the nodes. What comes out of it goes into an {@link End}. */
    static Node node(final int which, final PoolCache cache) {
        return switch (which) {
            case 0 -> new MacSwap("macswap");
            case 1 -> new ChecksumWriter("csum");
            case 2 -> new LearningSwitch("switch", PORTS, new MacTable(16, SECOND, new SplittableRandom(1)));
            case 3 -> {
                final Responder responder = new Responder("responder", new MacAddress(MAC));
                OWN.forEach(own -> responder.add(own));
                yield responder;
            }
            case 4 -> {
                final HostPath path = new HostPath("host", PORTS);
                OWN.forEach(path::add);
                yield path;
            }
            case 5 -> new PortOutput("out", new Picky(cache));
            case 6 -> router(cache);
            case 7 -> new Recorder("recorder", POOL);
            case 8 -> new VlanPop("pop", VlanFilter.of(1));
            case 9 -> new VlanPush("push", VlanFilter.stacked(2, 1));
            default -> new Discard("discard", "unwanted", "packets that nobody wants");
        };
    }

    private static StackNode router(final PoolCache cache) {
        final Stack stack = Stack.create(
                FuzzedStack.config(failure -> {
                    throw new AssertionError(failure);
                }),
                cache);
        final StackNode node = new StackNode("router", 2, stack);
        for (int i = 0; i < 2; i++) {
            final PortInfo port = new PortInfo("port" + i, "fuzz", Medium.ETHERNET, MAC + i, 1_500, 1);
            stack.addInterface(
                    InterfaceConfig.of("192.0." + (2 + i) + ".1/24", "2001:db8:" + i + "::1/64"), port, node.queue(i));
        }
        stack.forwarding(ForwardingRules.ROUTER);
        return node;
    }

    private static long run(final Node node, final PoolCache cache, final byte[] input) {
        final Feed feed = new Feed(cache);
        final PortInput in = PortInput.of("in", feed, 32);
        final GraphBuilder builder = Graph.builder().connect(in, node);
        for (final Edge edge : node.edges()) {
            builder.connect(node, edge.name(), new End("end of " + edge.name()));
        }
        final Graph graph = builder.build(cache);
        graph.trace(new PacketTrace(4));
        final Conversation frames = new Conversation(input);
        long now = 0;
        long fed = 0;
        while (frames.next()) {
            fed += feed.put(frames);
            graph.poll(now);
            feed.refill();
            now += frames.stepMicros();
        }
        graph.poll(now);
        final NodeStats stats = graph.stats().get(1);
        graph.close();
        if (stats.packets() != fed) {
            throw new AssertionError(node.name() + " saw " + stats.packets() + " of " + fed + " packets");
        }
        cache.flush();
        if (POOL.available() != POOL.capacity()) {
            throw new AssertionError(node.name() + " lost " + (POOL.capacity() - POOL.available()) + " buffers");
        }
        return fed;
    }

    /** Each node with all conversations over Ethernet. */
    static void writeExamples(final Path folder) throws IOException {
        ExampleConversations.writeForEach(NODES, folder);
    }

    private static Path newFile() {
        try {
            final Path file = Files.createTempFile("millrace-fuzz", ".pcap");
            file.toFile().deleteOnExit();
            return file;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the frames come from. */
    private static final class Feed implements PortQueue {
        private final PoolCache cache;
        private final long[] taken = new long[BUFFERS];
        private int takenCount;
        private final FrameSlot next;

        Feed(final PoolCache cache) {
            this.cache = cache;
            this.next = new FrameSlot(cache);
        }

        /** Makes a packet of a frame; returns 1, or 0 if it is too long. */
        int put(final Conversation frames) {
            final int length = frames.length();
            if (length > MAX_FRAME) {
                return 0;
            }
            final long handle = next.put(frames);
            final int last = length == 0 ? 0 : frames.bytes()[frames.offset() + length - 1];
            BufferHeader.port(POOL.memory(), handle, last & NO_SUCH_PORT);
            if ((last & EMPTY) != 0) {
                for (long each = cache.allocate(); each != PacketPool.NONE; each = cache.allocate()) {
                    taken[takenCount++] = each;
                }
            }
            return 1;
        }

        /** Fills the pool again. */
        void refill() {
            cache.free(taken, 0, takenCount);
            takenCount = 0;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return next.receive(handles);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return 0;
        }
    }

    /** A port that takes packets of an even length only. */
    private record Picky(PoolCache cache) implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return 0;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            if (count == 0 || (BufferHeader.length(POOL.memory(), handles[from]) & 1) != 0) {
                return 0;
            }
            cache.free(handles[from]);
            return 1;
        }
    }
}
