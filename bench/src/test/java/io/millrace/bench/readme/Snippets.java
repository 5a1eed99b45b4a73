package io.millrace.bench.readme;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.client.ClientService;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;

/** The README's examples, so that they compile and run. {@link ReadmeTest} compares the two. */
final class Snippets {
    private Snippets() {}

    static void echoPackets(
            final PortQueue queue, final PoolCache cache, final Packet packet, final long[] burst, final long now) {
        int count = queue.receive(burst, 32, now);
        for (int i = 0; i < count; i++) {
            long destination = packet.wrap(burst[i]).u48(0);
            packet.put48(0, packet.u48(6));
            packet.put48(6, destination);
        }
        int sent = queue.transmit(burst, 0, count, now);
        cache.free(burst, sent, count - sent);
    }

    static Stack serveTcp(final Port port, final PoolCache cache) {
        Stack stack = Stack.create(StackConfig.defaults(), cache);
        stack.addInterface(InterfaceConfig.of("192.0.2.2/24", "2001:db8::2/64"), port.info(), port.queue(0, cache));
        stack.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), 128, new TcpHandler() {
            @Override
            public void onReadable(TcpSocket<?> socket) {
                while (socket.readSpan() > 0) {
                    int echoed = socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
                    if (echoed <= 0) {
                        return; // full: onWritable comes when there is room again
                    }
                    socket.consume(echoed);
                }
                if (socket.finished()) {
                    socket.close();
                }
            }

            @Override
            public void onWritable(TcpSocket<?> socket) {
                onReadable(socket);
            }
        });
        return stack; // and then, for ever: stack.poll(System.nanoTime() / 1000)
    }

    static byte[] ask(final ClientService service, final Endpoint<Ipv4Address> server, final byte[] request)
            throws IOException {
        StackClient client = service.client();
        try (TcpChannel<Ipv4Address> connection = client.connect(server)) {
            connection.outputStream().write(request);
            connection.shutdownOutput();
            return connection.inputStream().readAllBytes();
        }
    }
}
