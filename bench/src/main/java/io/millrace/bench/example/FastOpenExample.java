package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Fast Open (RFC 7413): from the second connection on, a request goes with the SYN and its answer is back after one
 * round trip instead of two. The server must bear that a request reaches it twice, for networks duplicate SYNs.
 */
final class FastOpenExample implements Example {
    private static final int PORT = 7;
    private static final int CONNECTIONS = 3;
    private static final int PENDING = 256;

    FastOpenExample() {}

    @Override
    public String name() {
        return "fast-open";
    }

    @Override
    public String summary() {
        return "data in SYNs: a request answered after one round trip, keys that servers share";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "192.0.2.1/24");
            lab.attach(there, wire.b(), "192.0.2.2/24");

            final TcpListener<Ipv4Address> listener =
                    there.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), PENDING, new Server());
            // Servers behind one address share a key; without one, each has its own.
            listener.fastOpen().limit(PENDING).keys(FastOpenKeys.parse("00000000-11111111-22222222-33333333"));

            for (int i = 1; i <= CONNECTIONS; i++) {
                final Client handler = new Client();
                final long begin = lab.now();
                final TcpSocket<Ipv4Address> client =
                        here.connect(new Endpoint<>(Ipv4Address.parse("192.0.2.2"), PORT), handler);
                client.options().fastOpenConnect(true);
                // Queued before the next poll, it goes with the SYN if the server's cookie is known.
                client.send(lab.scratch(), 0, lab.put(0, "who is there?"));
                lab.until(() -> handler.answer != null);
                out.println("connection " + i + ": " + handler.answer + " after " + (lab.now() - begin)
                        + " us; the SYN took "
                        + (client.info(new TcpInfo()).synData ? "the request along" : "nothing along"));
                client.close();
            }
            out.println("server: " + listener.fastOpen().accepted() + " connections opened by their SYN");
        }
    }

    private static final class Server implements TcpHandler {
        @Override
        public void onReadable(TcpSocket<?> socket) {
            final int echoed = socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
            socket.consume(Math.max(0, echoed)); // one request, which always fits; else wait for onWritable
            if (socket.finished()) {
                socket.close();
            }
        }
    }

    private static final class Client implements TcpHandler {
        private @Nullable String answer;

        @Override
        public void onReadable(TcpSocket<?> socket) {
            final MemorySegment memory = socket.readMemory();
            final int length = socket.readSpan();
            if (length > 0) {
                answer = Lab.text(memory, socket.readOffset(), length);
                socket.consume(length);
            }
        }
    }
}
