package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a well-behaved peer says to the {@link FuzzedStack}: where a fuzzing engine starts from, so that it need not
 * invent handshakes. The peer is a second stack; both have seeds and the same clock as in a fuzzing run, so the sequence
 * numbers in what was recorded are right there too.
 */
final class ExampleConversations {
    private static final long PEER_MAC = 0x0200_0000_0002L;
    private static final String PEER_V4 = "192.0.2.2/24";
    private static final String PEER_V6 = "2001:db8::2/64";
    private static final int STEP = 10; // 2^10 us
    private static final int MAX_FRAMES = 64;
    private static final int DATA = 200;

    private ExampleConversations() {}

    /** Writes one file for each into a folder. */
    static void write(final Medium medium, final Path folder) throws IOException {
        for (final String server : List.of("192.0.2.1", "2001:db8::1")) {
            final IpAddress address = IpAddress.parse(server);
            final String family = address instanceof Ipv4Address ? "v4" : "v6";
            record(
                    medium,
                    folder.resolve("ping-" + family),
                    (peer, data) -> peer.ping(address, (socket, reply) -> {}).send(1, data, 0, DATA));
            record(medium, folder.resolve("udp-" + family), (peer, data) -> send(peer, address, data));
            record(
                    medium,
                    folder.resolve("tcp-" + family),
                    (peer, data) -> peer.connect(new Endpoint<>(address, FuzzedStack.PORT), new Talker(data)));
        }
    }

    /** Writes those over Ethernet once for each of several things that are fuzzed, whose number the first byte is. */
    static void writeForEach(final int things, final Path folder) throws IOException {
        final Path conversations = Files.createTempDirectory("millrace-fuzz");
        write(Medium.ETHERNET, conversations);
        final List<Path> files;
        try (Stream<Path> all = Files.list(conversations)) {
            files = all.toList();
        }
        for (final Path file : files) {
            final byte[] conversation = Files.readAllBytes(file);
            for (int which = 0; which < things; which++) {
                final byte[] input = new byte[1 + conversation.length];
                input[0] = (byte) which;
                System.arraycopy(conversation, 0, input, 1, conversation.length);
                Files.write(folder.resolve(file.getFileName() + "-" + which), input);
            }
            Files.delete(file);
        }
        Files.delete(conversations);
    }

    private static void send(final Stack peer, final IpAddress to, final MemorySegment data) {
        final IpAddress any = IpAddress.parse(to instanceof Ipv4Address ? "0.0.0.0" : "::");
        for (final int port : new int[] {FuzzedStack.PORT, FuzzedStack.PORT + 2, FuzzedStack.PORT + 4}) {
            peer.bind(new Endpoint<>(any, 0), (socket, datagram) -> {}).send(new Endpoint<>(to, port), data, 0, DATA);
        }
    }

    private static void record(final Medium medium, final Path file, final BiConsumer<Stack, MemorySegment> scenario)
            throws IOException {
        final ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        try (PacketPool pool = ArenaPool.create(256, 1_518)) {
            final PoolCache cache = new PoolCache(pool, 32);
            final Pipe toServer = new Pipe(cache, recorded);
            final Pipe toPeer = new Pipe(cache, null);
            try (Stack stack = Stack.create(FuzzedStack.config(ExampleConversations::fail), cache);
                    Stack peer = Stack.create(FuzzedStack.config(ExampleConversations::fail), cache)) {
                FuzzedStack.start(stack, medium, new End(toServer, toPeer));
                peer.addInterface(
                        InterfaceConfig.of(PEER_V4, PEER_V6),
                        FuzzedStack.info(medium, PEER_MAC),
                        new End(toPeer, toServer));
                final MemorySegment data = pool.memory().asSlice(0, DATA);
                scenario.accept(peer, data);
                long now = 0;
                for (int i = 0; i < MAX_FRAMES; i++) {
                    peer.poll(now);
                    stack.poll(now);
                    now += 1L << STEP;
                }
            }
            toServer.clear();
            toPeer.clear();
            cache.flush();
        }
        Files.write(file, recorded.toByteArray());
    }

    private static void fail(final Throwable failure) {
        throw new AssertionError("an example of a conversation failed", failure);
    }

    /** One direction of a wire. */
    private static final class Pipe {
        private final ArrayDeque<Long> waiting = new ArrayDeque<>();
        private final PoolCache cache;
        private final @Nullable ByteArrayOutputStream recorded;

        Pipe(final PoolCache cache, final @Nullable ByteArrayOutputStream recorded) {
            this.cache = cache;
            this.recorded = recorded;
        }

        int receive(final long[] handles) {
            final Long handle = waiting.poll();
            if (handle == null) {
                return 0;
            }
            final PacketPool pool = cache.pool();
            if (recorded != null) {
                final byte[] frame = pool.memory()
                        .asSlice(pool.dataOffset(handle), BufferHeader.length(pool.memory(), handle))
                        .toArray(ValueLayout.JAVA_BYTE);
                Conversation.write(recorded, frame, STEP);
            }
            handles[0] = handle;
            return 1;
        }

        void clear() {
            waiting.forEach(cache::free);
            waiting.clear();
        }
    }

    /** One end of it. */
    private record End(Pipe in, Pipe out) implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return in.receive(handles);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                out.waiting.add(handles[i]);
            }
            return count;
        }
    }

    /** Says something, hears it again, goes. */
    private static final class Talker implements TcpHandler {
        private final MemorySegment data;

        Talker(final MemorySegment data) {
            this.data = data;
        }

        @Override
        public void onConnected(final TcpSocket<?> socket) {
            socket.send(data, 0, DATA);
        }

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            socket.consume(socket.readSpan());
            socket.close();
        }
    }
}
