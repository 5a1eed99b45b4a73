package io.millrace.bench.agent;

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
import io.millrace.stack.client.ClientConfig;
import io.millrace.stack.client.ClientService;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.PoolWatch;

/** An agent on a stack that talks to itself: 10.0.0.1 and 2001:db8::1. */
public final class AgentRig implements AutoCloseable {
    private static final int MTU = 1_500;

    /** What programs read by TCP_SYNCNT; RFC 9293 wants one more, which is ours otherwise. */
    private static final int LINUX_SYN_RETRIES = 6;

    final Agent agent;
    private final StackClient client;
    /** Where TCP comes within UDP. */
    public static final int UDP_PORT = 9_899;

    private final ShardRunner runner;

    /** Starts it; the test closes it before its pools are looked at. */
    public AgentRig(PoolWatch pools) {
        final PacketPool pool = pools.pool(2_048, MTU + 100);
        final PoolCache cache = pools.cache(pool);
        final Port port = LoopbackPort.open(Medium.IP, MTU, pool, 1, 1_024);
        final StackConfig config = StackConfig.defaults()
                .withIcmpLimits(1_000_000, 1_000_000, 1_000_000)
                .withTcp(TcpConfig.builder()
                        .udpEncapsulation(UDP_PORT)
                        .synRetries(LINUX_SYN_RETRIES)
                        .build());
        final Stack stack = Stack.create(config, cache);
        stack.addInterface(InterfaceConfig.of("10.0.0.1/24", "2001:db8::1/64"), port.info(), port.queue(0, cache));
        final ClientService service = ClientService.of(stack, ClientConfig.defaults());
        client = service.client();
        agent = new Agent(client, config.tcp());
        runner = ShardRunner.start(ShardOptions.named("agent-rig"), new ShardTask() {
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
                port.close();
                cache.flush();
            }
        });
    }

    /** What uses the stack. */
    public StackClient client() {
        return client;
    }

    /** The answer to a request, once there is one. */
    public String ask(String request) {
        return agent.serve(request).line();
    }

    @Override
    public void close() {
        runner.close();
    }
}
