package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;

/**
 * Socket options under their usual names, for a listener and for a connection; several pieces sent at once; bytes
 * looked at before they are read; a half-close; and what a connection tells of itself.
 *
 * <p>Everything runs on one thread. What is set between {@code listen} or {@code connect} and the next poll holds for
 * the handshake, too.
 */
final class TcpOptionsExample implements Example {
    private static final int PORT = 7;
    private static final int BACKLOG = 16;
    private static final int MSS = 1_000;
    private static final int REQUEST = 12;

    TcpOptionsExample() {}

    @Override
    public String name() {
        return "tcp-options";
    }

    @Override
    public String summary() {
        return "options of listeners, connections and routes, gathering, peeking, half-close, TcpInfo";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "192.0.2.1/24");
            lab.attach(there, wire.b(), "192.0.2.2/24");

            // What is known of paths to a peer, in the words of ip route: connections begin with it.
            here.addRoute(Route.onLink(Cidr.parse("192.0.2.2/32"), 0).withMetrics(RouteMetrics.parse("initcwnd 20")));

            final TcpListener<Ipv4Address> listener =
                    there.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), BACKLOG, new Server(lab, out));
            listener.synCookies(CookieMode.ALWAYS); // no state for those who never answer
            listener.options().maxSegment(MSS).receiveLowWater(REQUEST).keepAlive(60_000_000, 10_000_000, 5);

            final Client handler = new Client(out);
            final TcpSocket<Ipv4Address> client =
                    here.connect(new Endpoint<>(Ipv4Address.parse("192.0.2.2"), PORT), handler);
            client.options().noDelay(true).userTimeout(5_000_000);
            client.options().timers().minRto(50_000).maxRto(10_000_000); // a peer that is near
            lab.until(() -> handler.connected);

            // Three pieces that lie apart become one segment.
            final MemorySegment memory = lab.scratch();
            final int[] lengths = {lab.put(0, "GET"), lab.put(100, " "), lab.put(200, "/index\r\n")};
            client.sendGather(
                    new MemorySegment[] {memory, memory, memory}, new long[] {0, 100, 200}, lengths, 0, lengths.length);
            client.close(); // our side only: what the server still sends can be read
            lab.until(() -> handler.closed);

            final TcpInfo info = client.info(new TcpInfo());
            out.println("segments:   " + info.dataSegmentsOut + " with data, of at most "
                    + (info.sendMss + (info.timestamps ? 12 : 0)) + " bytes with options");
            out.println("round trip: " + info.rtt + " us, window " + info.congestionWindow + " bytes, by "
                    + info.congestion);
            out.println("listener:   " + listener.cookiesAccepted() + " connection made from a cookie, "
                    + listener.acceptOverflows() + " lost for want of room");
        }
    }

    /** Answers a request once it is there as a whole. */
    private static final class Server implements TcpHandler {
        private final Lab lab;
        private final PrintWriter out;

        Server(Lab lab, PrintWriter out) {
            this.lab = lab;
            this.out = out;
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            final MemorySegment memory = lab.scratch();
            final int looked = socket.peek(memory, 0, REQUEST);
            if (looked == REQUEST) {
                out.println("request:    " + Lab.text(memory, 0, looked).strip() + " (" + socket.readable()
                        + " bytes, unread)");
                socket.consume(looked);
                final int length = lab.put(0, "200 here it is");
                socket.send(memory, 0, length, true); // more follows: it waits for the rest
                socket.send(memory, 0, lab.put(0, ", all of it"));
            }
            if (socket.finished()) {
                socket.close();
            }
        }
    }

    private static final class Client implements TcpHandler {
        private final PrintWriter out;
        private boolean connected;
        private boolean closed;

        Client(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void onConnected(TcpSocket<?> socket) {
            connected = true;
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            final int length = socket.readSpan(); // where the stack keeps it: nothing is copied
            if (length > 0) {
                out.println("answer:     " + Lab.text(socket.readMemory(), socket.readOffset(), length));
                socket.consume(length);
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            out.println("closed:     " + why);
            closed = true;
        }
    }
}
