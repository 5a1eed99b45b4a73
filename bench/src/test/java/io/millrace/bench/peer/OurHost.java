package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.MiddlewarePort;
import io.millrace.dataplane.port.pcap.CaptureOptions;
import io.millrace.dataplane.port.pcap.PcapCounter;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.dataplane.port.pcap.PcapWriterQueue;
import io.millrace.dataplane.port.tap.TapPort;
import io.millrace.dataplane.run.Idle;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardTask;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Await;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A stack of ours in this JVM, polled by a thread of its own, with Linux on the other side of a TAP interface and a
 * {@link FaultInjector} between the two. Captured is what the stack itself sends and receives.
 */
final class OurHost implements AutoCloseable {
    static final String DEVICE = "peer0";
    static final String MAC = "02:00:00:00:00:02";
    static final String V4 = "10.91.0.2";
    static final String V6 = "fd91::2";
    static final String THEIR_V4 = "10.91.0.1";
    static final String THEIR_V6 = "fd91::1";

    private static final int BUFFERS = 16_384;
    private static final int BUFFER = 2_048;
    /** Memory of the capture, 64 MiB: a disk that others use may stand still for a while. */
    private static final int PIECES = 256;

    private final PacketPool pool = ArenaPool.create(BUFFERS, BUFFER);
    private final PoolCache cache = new PoolCache(pool, 512);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Path file;
    private final PcapFile capture;
    private final Port port;
    private final PortQueue queue;
    private final Stack stack;
    private final ShardRunner runner;

    private OurHost(StackConfig config, FaultInjector faults, Path file) throws Exception {
        this.file = file;
        capture = PcapFile.create(
                file,
                Medium.ETHERNET,
                System.currentTimeMillis() * 1_000 - ShardOptions.monotonicMicros(),
                CaptureOptions.DEFAULT.withPieces(PIECES));
        port = capture.capture(MiddlewarePort.wrap(TapPort.open(DEVICE, Medium.ETHERNET, pool, 1), faults));
        queue = port.queue(0, cache);
        stack = Stack.create(config.withFailures(failures::add), cache);
        stack.addInterface(
                InterfaceConfig.of(V4 + "/24", V6 + "/64")
                        .withMac(MacAddress.parse(MAC))
                        .withDuplicateDetection(DuplicateDetection.OFF),
                port.info(),
                queue);
        Netns.run("ip", "address", "add", THEIR_V4 + "/24", "dev", DEVICE);
        Netns.run("ip", "address", "add", THEIR_V6 + "/64", "dev", DEVICE, "nodad");
        Netns.run("ip", "link", "set", DEVICE, "up", "txqueuelen", "10000");
        Netns.run("sh", "-c", Namespaces.PATIENCE);
        runner = ShardRunner.start(ShardOptions.named("ours").withIdle(Idle.BACK_OFF), new Task());
    }

    /** Starts a host in the network namespace of this thread. */
    static OurHost start(StackConfig config, FaultInjector faults, Path capture) throws Exception {
        return new OurHost(config, faults, capture);
    }

    /** Changes a setting of Linux's, {@code net.ipv4.NAME=VALUE}, in the network namespace of this thread. */
    static void set(String setting) throws IOException {
        final String[] parts = setting.split("=", 2);
        Files.writeString(Path.of("/proc/sys/net/ipv4", parts[0]), parts[1]);
    }

    /** Has the stack's thread do something, and waits for the result. */
    <T> T call(Callable<T> body) throws Exception {
        final FutureTask<T> task = new FutureTask<>(body);
        assertTrue(runner.execute(task), "the stack's thread takes no commands");
        return task.get(Await.SECONDS, TimeUnit.SECONDS);
    }

    /** The stack; its thread's. */
    Stack stack() {
        return stack;
    }

    /** Ends the host, asserts that nothing was thrown and every buffer is back, and gives the capture. */
    PacketCapture finish() {
        stop();
        assertNull(runner.failure());
        assertEquals(0, failures.size(), failures::toString);
        assertNull(capture.failure());
        final PcapWriterQueue captured = assertInstanceOf(PcapWriterQueue.class, queue);
        assertEquals(0, captured.counters().get(PcapCounter.BEHIND), "packets that the capture left out");
        assertEquals(pool.capacity(), pool.available(), "buffers in the pool");
        return PacketCapture.of(file);
    }

    private void stop() {
        runner.close();
        port.close();
        capture.close();
        cache.flush();
    }

    @Override
    public void close() {
        stop();
        pool.close();
    }

    /** The stack as a task of the poll loop. */
    private final class Task implements ShardTask {
        @Override
        public int poll(long nowMicros) {
            return stack.poll(nowMicros);
        }

        @Override
        public long pollAt(long nowMicros) {
            return stack.pollAt(nowMicros);
        }

        @Override
        public void onClose(long nowMicros) {
            stack.close();
            cache.flush();
        }
    }
}
