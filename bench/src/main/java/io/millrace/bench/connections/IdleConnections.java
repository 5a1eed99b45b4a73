package io.millrace.bench.connections;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.lang.management.ManagementFactory;

/**
 * A server with as many established connections as one likes, none of which has anything to do, and what they cost: the
 * heap that they take, the memory beside the heap, and the time of a poll. Single-threaded, on a clock of its own, so
 * that no keep-alive or timeout comes in between.
 */
final class IdleConnections implements AutoCloseable {
    private static final int PACKETS = 4096;
    private static final int POLLS = 200_000;
    private static final int ROUNDS = 9;
    private static final long BUFFER_MEMORY = 64L << 20;
    private static final int PORT = 9;
    private static final Ipv4Address SERVER = Ipv4Address.of(192, 0, 2, 1);
    private static final Ipv4Address FIRST_PEER = Ipv4Address.of(10, 0, 0, 1);

    /**
     * What was measured.
     *
     * @param connections how many are established
     * @param heapBytes reachable heap that they take, table and sockets included
     * @param offHeapBytes memory beside the heap that the stack holds whatever it does: buffers for data, and for
     *     packets
     * @param pollNanosWithout time of a poll of a stack without any connection, nothing to do
     * @param pollNanos time of a poll with all of them, nothing to do, in turns with the other
     */
    public record Result(
            int connections, long heapBytes, long offHeapBytes, double pollNanosWithout, double pollNanos) {
        /** Heap bytes of one connection. */
        public long bytesEach() {
            return heapBytes / connections;
        }
    }

    private final ArenaPool pool = ArenaPool.create(PACKETS, Crowd.MTU);
    private final PoolCache cache = new PoolCache(pool, 512);
    private final Crowd crowd;
    private final Stack stack;
    private long now = 1_000_000;

    /** Makes a server without connections, that may have so many. */
    public IdleConnections(final int expected) {
        this.crowd = new Crowd(cache, SERVER.lo(), PORT, FIRST_PEER.lo());
        this.stack = Stack.create(
                StackConfig.defaults()
                        .withTcp(TcpConfig.builder()
                                .bufferMemory(BUFFER_MEMORY)
                                .maxConnections(expected + 1)
                                .synBacklog(PACKETS)
                                .build()),
                cache);
        stack.addInterface(
                InterfaceConfig.of(SERVER + "/24").withGateway(Ipv4Address.of(192, 0, 2, 2)), Crowd.info(), crowd);
        stack.listen(new Endpoint<>(SERVER, PORT), PACKETS, new TcpHandler() {});
    }

    /**
     * Opens connections and measures what they cost.
     *
     * @param connections how many, 1 to 10,000,000
     * @param without another stack, which has none
     * @throws IllegalStateException if not all could be opened
     */
    public Result run(final int connections, final IdleConnections without) {
        final long heapBefore = heapBytes();
        crowd.open(connections);
        while (crowd.opened() < connections) {
            poll(64);
        }
        poll(1000);
        final long established = stack.counters().get(StackCounter.TCP_CONNECTIONS_OPENED);
        if (established != connections) {
            throw new IllegalStateException(established + " of " + connections + " connections were established");
        }
        final long heap = heapBytes() - heapBefore;
        long leastWithout = Long.MAX_VALUE;
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            leastWithout = Math.min(leastWithout, without.pollsNanos());
            least = Math.min(least, pollsNanos());
        }
        return new Result(
                connections,
                heap,
                BUFFER_MEMORY + pool.memory().byteSize(),
                (double) leastWithout / POLLS,
                (double) least / POLLS);
    }

    private void poll(final int times) {
        for (int i = 0; i < times; i++) {
            stack.poll(now);
            now += 10;
        }
    }

    /** Time of a turn of polls that find nothing to do. */
    private long pollsNanos() {
        final long start = System.nanoTime();
        poll(POLLS);
        return System.nanoTime() - start;
    }

    private static long heapBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /** Ends everything and frees all memory. */
    @Override
    public void close() {
        stack.close();
        cache.flush();
        pool.close();
    }
}
