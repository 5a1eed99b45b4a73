package io.millrace.stack.client;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardTask;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.util.concurrent.atomic.AtomicLong;

/** A shard in a thread of its own with a stack that talks to itself: 10.0.0.1 and 2001:db8::1. */
final class ClientRig implements AutoCloseable {
    static final Ipv4Address HOST = Ipv4Address.parse("10.0.0.1");

    private static final int MTU = 1_500;

    final ClientService service;
    final StackClient client;
    final AtomicLong shardThread = new AtomicLong();
    private final ShardRunner runner;
    private final Port port;

    ClientRig(final PoolWatch pools) {
        this(pools, StackConfig.defaults(), ClientConfig.defaults());
    }

    ClientRig(final PoolWatch pools, final StackConfig stackConfig, final ClientConfig config) {
        final PacketPool pool = pools.pool(4_096);
        final PoolCache cache = pools.cache(pool);
        port = LoopbackPort.open(Medium.IP, MTU, pool, 1, 1_024);
        final Stack stack = Stack.create(stackConfig, cache);
        stack.addInterface(InterfaceConfig.of("10.0.0.1/24", "2001:db8::1/64"), port.info(), port.queue(0, cache));
        service = ClientService.of(stack, config);
        client = service.client();
        runner = ShardRunner.start(ShardOptions.named("client-rig"), new ShardTask() {
            @Override
            public void onStart(final long nowMicros) {
                shardThread.set(Thread.currentThread().threadId());
            }

            @Override
            public int poll(final long nowMicros) {
                return service.poll() + stack.poll(nowMicros);
            }

            @Override
            public long pollAt(final long nowMicros) {
                return service.pending() ? nowMicros : stack.pollAt(nowMicros);
            }

            @Override
            public void onClose(final long nowMicros) {
                service.close();
                stack.close();
                port.close();
                cache.flush();
            }
        });
    }

    static Endpoint<Ipv4Address> at(final int port) {
        return new Endpoint<>(HOST, port);
    }

    /** Stops the shard; threads that wait are told. */
    @Override
    public void close() {
        runner.close();
    }
}
