package io.millrace.bench.peer;

import io.millrace.bench.reference.EalArguments;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardTask;
import io.millrace.dataplane.run.SteeredPort;
import io.millrace.dpdk.Eal;
import io.millrace.dpdk.ThreadRegistration;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.shard.ShardGroup;
import io.millrace.stack.shard.ShardMember;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Two shards over two queues of a device, which open connections to an echo service; run as a process in the peer's
 * namespace. Prints a line that ends with {@code ok} when every connection got back what it sent and every
 * buffer is back.
 */
final class OpeningShards {
    private static final int SHARDS = 2;
    private static final int SECONDS = 100;
    private static final int BYTES = 1_000;

    private OpeningShards() {}

    /** {@code DEVARGS OUR-CIDR PEER PORT COUNT}. */
    public static void main(String[] args) throws Exception {
        final int count = Integer.parseInt(args[4]);
        final FlowHash hash = new FlowHash(System.nanoTime());
        final ShardTable table = new ShardTable(SHARDS, SHARDS);
        final ShardGroup group = new ShardGroup(table, hash);
        final List<PoolCache> caches = new ArrayList<>();
        final List<ShardRunner> runners = new ArrayList<>();
        final CountDownLatch done = new CountDownLatch(count);
        final int[] opened = new int[SHARDS];
        try (Eal _ = Eal.start(EalArguments.of(EalArguments.filePrefix("opening"), false));
                DpdkPool pool = DpdkPool.create("opening", 8_192, 2_048)) {
            for (int place = 0; place < SHARDS; place++) {
                caches.add(new PoolCache(pool, 256));
            }
            final SteeredPort port = new SteeredPort(
                    DpdkPort.openSpread(DpdkPortConfig.of(args[0]).withQueues(SHARDS), pool, hash),
                    table,
                    hash,
                    caches);
            for (int place = 0; place < SHARDS; place++) {
                final Stack stack = Stack.create(StackConfig.defaults(), caches.get(place));
                stack.addInterface(
                        InterfaceConfig.of(args[1]).withDuplicateDetection(DuplicateDetection.OFF),
                        port.info(),
                        port.queue(place, caches.get(place)));
                runners.add(start(place, stack, group));
            }
            for (int i = 0; i < count; i++) {
                opened[
                        group.connect(
                                new Endpoint<>(IpAddress.parse(args[2]), Integer.parseInt(args[3])),
                                place -> new Client(done))]++;
            }
            final boolean all = done.await(SECONDS, TimeUnit.SECONDS);
            runners.forEach(ShardRunner::close);
            final AtomicInteger passed = new AtomicInteger();
            port.forEachCounter((name, value) -> {
                if (name.key().equals("dispatchToShards")) {
                    passed.addAndGet((int) value);
                }
            });
            port.close();
            caches.forEach(PoolCache::flush);
            final int missing = pool.capacity() - pool.available();
            System.out.println("opened " + opened[0] + " and " + opened[1] + ", " + done.getCount() + " left, " + passed
                    + " passed on, " + Client.FAILED + " failed, " + missing + " buffers missing: "
                    + (all && Client.FAILED.get() == 0 && missing == 0 ? "ok" : "bad"));
        }
    }

    private static ShardRunner start(int place, Stack stack, ShardGroup group) {
        final AtomicReference<ShardRunner> thread = new AtomicReference<>();
        final ShardMember member = group.join(place, stack, task -> thread.get().execute(task));
        final ShardRunner runner = ShardRunner.start(
                ShardOptions.named("shard-" + place).withSetup(ThreadRegistration::register), new ShardTask() {
                    @Override
                    public int poll(long nowMicros) {
                        return stack.poll(nowMicros) + member.poll(nowMicros);
                    }

                    @Override
                    public long pollAt(long nowMicros) {
                        return stack.pollAt(nowMicros);
                    }

                    @Override
                    public void onClose(long nowMicros) {
                        stack.close();
                    }
                });
        thread.set(runner);
        return runner;
    }

    /** Sends some bytes, and is done when all are back. */
    private static final class Client implements TcpHandler {
        private static final AtomicInteger FAILED = new AtomicInteger();
        private static final MemorySegment TEXT = Arena.global().allocate(BYTES);

        private final CountDownLatch done;
        private int back;

        Client(CountDownLatch done) {
            this.done = done;
        }

        @Override
        public void onConnected(TcpSocket<?> socket) {
            socket.send(TEXT, 0, BYTES);
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            back += socket.readSpan();
            socket.consume(socket.readSpan());
            if (back == BYTES) {
                done.countDown();
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            if (back < BYTES) {
                FAILED.incrementAndGet();
                done.countDown();
            }
        }
    }
}
