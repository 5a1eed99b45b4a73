package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.udp.UdpSegments;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.PrintWriter;

/**
 * Many datagrams by one call, as QUIC and other protocols over UDP send them: the way is looked up once for up to 64, and
 * those of one sender are received together. On the wire each is a datagram of its own.
 */
final class UdpRunsExample implements Example {
    private static final int PORT = 4433;
    private static final int SIZE = 1_200;
    private static final int BYTES = 6 * SIZE + 500;

    UdpRunsExample() {}

    @Override
    public String name() {
        return "udp-runs";
    }

    @Override
    public String summary() {
        return "many datagrams by one call, sent and received (UDP_SEGMENT, UDP_GRO)";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "2001:db8::1/64");
            lab.attach(there, wire.b(), "2001:db8::2/64");

            final Endpoint<Ipv6Address> place = new Endpoint<>(Ipv6Address.UNSPECIFIED, PORT);
            final Endpoint<Ipv6Address> server = new Endpoint<>(Ipv6Address.parse("2001:db8::2"), PORT);
            try (UdpSocket<Ipv6Address> receiver = there.bind(place);
                    UdpSocket<Ipv6Address> sender = here.bind(place)) {
                sender.connect(server);
                final int sent = sender.sendSegments(lab.scratch(), 0, BYTES, SIZE);
                lab.until(() -> receiver.readable() == (sent + SIZE - 1) / SIZE);

                final UdpSegments run = new UdpSegments(); // used again for each call
                final int received = receiver.receiveSegments(
                        lab.scratch(), 0, (int) lab.scratch().byteSize(), run);
                out.println("sent:     " + sent + " bytes by one call");
                out.println("received: " + received + " bytes by one call, " + run.count() + " datagrams of "
                        + run.size() + " bytes from " + run.source() + ", the last of "
                        + (received - (run.count() - 1) * run.size()));
            }
        }
    }
}
