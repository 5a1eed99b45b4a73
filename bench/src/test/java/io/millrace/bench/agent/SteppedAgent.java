package io.millrace.bench.agent;

import io.millrace.bench.packetdrill.ByteWire;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.client.ClientConfig;
import io.millrace.stack.client.ClientService;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.util.ArrayList;
import java.util.List;

/** An agent on a stack whose clock and whose wire are the test's. No call of it waits. */
public final class SteppedAgent implements AutoCloseable {
    private static final int MTU = 1_500;
    private static final long START = 100_000_000;
    private static final int MOST_POLLS = 10_000;

    private final PacketPool pool;
    private final PoolCache cache;
    private final ByteWire wire;
    private final Stack stack;
    private final ClientService service;
    private final Agent agent;
    private final List<byte[]> sent = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private long now = START;

    /**
     * Starts a stack.
     *
     * @param pool where its packets are; as full when it is closed as it was before
     * @param cache of that pool
     * @param addresses of its one interface, with their lengths
     */
    public SteppedAgent(PacketPool pool, PoolCache cache, TcpConfig tcp, String... addresses) {
        this.pool = pool;
        this.cache = cache;
        final StackConfig config = StackConfig.defaults()
                .withEntropy(Entropy.seeded(1))
                .withTcp(tcp)
                .withFailures(failures::add);
        wire = new ByteWire(pool, cache, sent::add);
        stack = Stack.create(config, cache);
        stack.addInterface(
                InterfaceConfig.of(addresses).withDuplicateDetection(DuplicateDetection.OFF),
                new PortInfo("tun0", "test", Medium.IP, 0, MTU, 1),
                wire);
        service = ClientService.of(stack, ClientConfig.defaults());
        agent = new Agent(service.direct(), tcp);
        settle();
    }

    /** The answer to a request. */
    public String ask(String request) {
        final String answer = agent.serve(request).line();
        settle();
        return answer;
    }

    /** Lets a packet come in. */
    public void arrive(byte[] packet) {
        wire.arrive(List.of(packet));
        settle();
    }

    /** Lets time pass. */
    public void pass(long micros) {
        final long end = now + micros;
        while (true) {
            final long next = stack.pollAt(now);
            if (next > end) {
                break;
            }
            now = Math.max(now + 1, next);
            settle();
        }
        now = Math.max(now, end);
        settle();
    }

    /** What was sent since it was asked last. */
    public List<byte[]> sent() {
        final List<byte[]> all = List.copyOf(sent);
        sent.clear();
        return all;
    }

    /** The stack. */
    public Stack stack() {
        return stack;
    }

    private void settle() {
        for (int i = 0; i < MOST_POLLS; i++) {
            final int work = stack.poll(now);
            if (!failures.isEmpty()) {
                throw new IllegalStateException("exception within a poll", failures.getFirst());
            }
            if (work == 0 && wire.isEmpty()) {
                return;
            }
        }
        throw new IllegalStateException("the stack finds no end");
    }

    @Override
    public void close() {
        service.close();
        stack.close();
        cache.flush();
        final int missing = pool.capacity() - pool.available();
        if (missing != 0) {
            throw new IllegalStateException(missing + " packet buffers are missing");
        }
    }
}
