package io.millrace.bench.serve;

import io.millrace.bench.plan.ServePlan;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardTask;
import io.millrace.dpdk.ThreadRegistration;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.client.ClientConfig;
import io.millrace.stack.client.ClientService;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.wire.address.Cidr;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ports and a stack in a shard of its own, for a command whose threads use {@link StackClient}. Starts as a whole or
 * not at all.
 *
 * <p>Controlled by one thread; the client is for any.
 */
public final class ClientHost implements AutoCloseable {
    private static final int CACHE = 512;
    private static final long LOOK_NANOS = 2_000_000;

    /** An address of ours may have to be checked first whether somebody else has it (RFC 4862). */
    private static final long ADDRESS_NANOS = 8_000_000_000L;

    private final ServerPorts ports;
    private final Shard shard;
    private final ShardRunner runner;
    private boolean stopped;
    private int outstanding;

    private ClientHost(ServerPorts ports, Shard shard, ShardRunner runner) {
        this.ports = ports;
        this.shard = shard;
        this.runner = runner;
    }

    /**
     * Opens ports and starts the shard. When this returns, IPv6 addresses have been checked, and all can be used.
     *
     * @throws io.millrace.bench.command.UserErrorException with what the user can mend
     * @throws io.millrace.dataplane.port.PortException if a port cannot be opened
     */
    public static ClientHost start(ServePlan plan, ClientConfig places) throws IOException {
        final long epochMicros = System.currentTimeMillis() * 1_000;
        final ServerPorts ports = ServerPorts.open(plan.config(), epochMicros - ShardOptions.monotonicMicros());
        Shard shard = null;
        final ClientHost host;
        try {
            final PoolCache cache = new PoolCache(ports.pool(), CACHE);
            shard = new Shard(Stack.create(plan.stack(), cache), cache, places);
            ports.addInterfaces(plan, shard.stack, 0, cache);
            final ShardRunner runner = ShardRunner.start(
                    ShardOptions.named("shard-0")
                            .withSetup(ports.needDpdk() ? ThreadRegistration::register : ShardOptions.ThreadSetup.NONE),
                    shard);
            host = new ClientHost(ports, shard, runner);
        } catch (RuntimeException e) {
            if (shard != null) {
                shard.onClose(0);
            }
            ports.close();
            throw e;
        }
        try {
            host.awaitAddresses();
            return host;
        } catch (IOException | RuntimeException e) {
            host.close();
            throw e;
        }
    }

    private void awaitAddresses() throws IOException {
        final long deadline = System.nanoTime() + ADDRESS_NANOS;
        while (System.nanoTime() < deadline && Boolean.TRUE.equals(client().call(AddressTrial::isOn))) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** What threads use. */
    public StackClient client() {
        return shard.service.client();
    }

    /** One line: {@code ready}, and {@code key=value} for what a client has to know. */
    public String readyLine() throws IOException {
        final String interfaces = client().call(stack ->
                stack.interfaces().stream().map(ClientHost::describe).collect(Collectors.joining(" ")));
        return "ready " + interfaces;
    }

    private static String describe(NetInterface netInterface) {
        return "port=" + netInterface.name() + " driver=" + netInterface.port().driver() + " mac="
                + netInterface.macAddress() + " mtu=" + netInterface.mtu() + " address="
                + netInterface.addresses().stream().map(Cidr::toString).collect(Collectors.joining(","));
    }

    /** What ended the shard before its time; null if all is well. */
    public @Nullable Throwable failure() {
        return runner.failure();
    }

    /**
     * Waits until all connections are over that were closed, or until a time has passed.
     *
     * @param cancelled looked at all the time; true to wait no longer
     */
    public void drain(long nanos, BooleanSupplier cancelled) throws IOException {
        final long deadline = System.nanoTime() + nanos;
        while (System.nanoTime() < deadline && !cancelled.getAsBoolean()) {
            final Integer unsettled = client().call(stack -> stack.tcp().unsettled());
            if (unsettled == null || unsettled == 0) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Ends everything, connections with a reset; returns how many buffers are missing. Harmless when called again. */
    public int stop() {
        if (!stopped) {
            stopped = true;
            runner.close();
            ports.closePorts();
            shard.cache.flush(); // ports gave back what they held through the shard's cache
            outstanding = ports.pool().capacity() - ports.pool().available();
            ports.close();
            ports.checkCapture();
        }
        return outstanding;
    }

    @Override
    public void close() {
        stop();
    }

    private static final class Shard implements ShardTask {
        private final Stack stack;
        private final PoolCache cache;
        private final ClientService service;

        Shard(Stack stack, PoolCache cache, ClientConfig places) {
            this.stack = stack;
            this.cache = cache;
            this.service = ClientService.of(stack, places);
        }

        @Override
        public int poll(long nowMicros) {
            return service.poll() + stack.poll(nowMicros);
        }

        @Override
        public long pollAt(long nowMicros) {
            return service.pending() ? nowMicros : stack.pollAt(nowMicros);
        }

        @Override
        public void onClose(long nowMicros) {
            service.close();
            stack.close();
            cache.flush();
        }
    }
}
