package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
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
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.client.TcpServerChannel;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Ordinary blocking Java on a stack that runs in a shard: an echo server with a virtual thread for each connection, and
 * clients that write to a stream and read from one. Only the shard's thread touches the stack; all others use its client.
 */
final class ThreadsExample implements Example {
    private static final int MTU = 1500;
    private static final int CLIENTS = 100;
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.parse("10.0.0.1"), 7);

    ThreadsExample() {}

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public String summary() {
        return "blocking sockets on virtual threads, served by a shard";
    }

    @Override
    public void run(PrintWriter out) throws IOException, InterruptedException, ExecutionException {
        try (PacketPool pool = ArenaPool.create(1_024, MTU);
                Port port = LoopbackPort.open(Medium.IP, MTU, pool, 1, 512)) {
            final Shard shard = new Shard(pool, port);
            try (ShardRunner runner = ShardRunner.start(ShardOptions.named("shard-0"), shard)) {
                talk(shard.client(), out);
                out.println("shard:      " + runner.options().name() + " alone touched the stack");
            }
            out.printf("%d of %d buffers are back in the pool%n", pool.available(), pool.capacity());
        }
    }

    private static void talk(StackClient client, PrintWriter out)
            throws IOException, InterruptedException, ExecutionException {
        try (TcpServerChannel<Ipv4Address> server = client.listen(SERVER, CLIENTS);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            final Future<?> acceptor = threads.submit(() -> {
                for (int i = 0; i < CLIENTS; i++) {
                    final TcpChannel<Ipv4Address> accepted = server.accept();
                    threads.execute(() -> echo(accepted));
                }
                return null;
            });
            final List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                final String greeting = "hello from thread " + i;
                answers.add(threads.submit(() -> ask(client, greeting)));
            }
            int right = 0;
            for (int i = 0; i < CLIENTS; i++) {
                right += answers.get(i).get().equals("hello from thread " + i) ? 1 : 0;
            }
            acceptor.get();
            out.println("echoed:     " + right + " of " + CLIENTS + " greetings");
        }
    }

    /** Sends everything back until the client closes its side. */
    private static void echo(TcpChannel<Ipv4Address> connection) {
        try (connection) {
            connection.inputStream().transferTo(connection.outputStream());
        } catch (IOException e) {
            // The client is gone; it will say so itself.
        }
    }

    /** Parks while it waits, and so gives its carrier thread to others. */
    private static String ask(StackClient client, String greeting) throws IOException {
        try (TcpChannel<Ipv4Address> connection = client.connect(SERVER)) {
            connection.outputStream().write(greeting.getBytes(StandardCharsets.UTF_8));
            connection.shutdownOutput();
            return new String(connection.inputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What the shard's thread does: it polls the stack, and beside it what serves other threads. */
    static final class Shard implements ShardTask {
        private final PoolCache cache;
        private final Stack stack;
        private final ClientService service;

        Shard(PacketPool pool, Port port) {
            cache = new PoolCache(pool, 32);
            stack = Stack.create(StackConfig.defaults(), cache);
            stack.addInterface(InterfaceConfig.of("10.0.0.1/24"), port.info(), port.queue(0, cache));
            service = ClientService.of(stack, ClientConfig.defaults());
        }

        /** For any other thread. */
        StackClient client() {
            return service.client();
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
            service.close(); // resets what is still open, and wakes whoever waits
            stack.close();
            cache.flush();
        }
    }
}
