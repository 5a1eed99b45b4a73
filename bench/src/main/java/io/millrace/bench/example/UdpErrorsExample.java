package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;

/**
 * What comes with a datagram besides its bytes, and how a socket hears that nobody took one of its own.
 *
 * <p>One socket receives for every address of its host and asks each datagram which one it was sent to. Another learns
 * from an ICMP error that a port is closed: in its handler as soon as the error comes, or later from
 * {@link UdpSocket#takeError}.
 */
final class UdpErrorsExample implements Example {
    private static final int PORT = 5_000;
    private static final int CLOSED = 5_001;
    private static final int HOP_LIMIT = 17;

    /** Expedited forwarding (DSCP 46), and "this transport understands ECN". */
    private static final int TRAFFIC_CLASS = 46 << 2 | 2;

    UdpErrorsExample() {}

    @Override
    public String name() {
        return "udp-errors";
    }

    @Override
    public String summary() {
        return "what datagrams tell of themselves, and ICMP errors to a UDP socket";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "192.0.2.1/24");
            lab.attach(there, wire.b(), "192.0.2.2/24", "192.0.2.3/24");

            final int[] came = new int[1];
            there.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), (socket, datagram) -> {
                tell(out, datagram);
                came[0]++;
            });
            final boolean[] failed = new boolean[1];
            // A socket that is not connected is told of errors only if it asks for that.
            final UdpConfig config = UdpConfig.defaults().withErrors(true);
            final UdpHandler handler = new UdpHandler() {
                @Override
                public void onDatagram(UdpSocket<?> socket, UdpDatagram datagram) {}

                @Override
                public void onError(UdpSocket<?> socket, IcmpErrorRepr error) {
                    out.println("error: " + error.reporter() + " says that port " + error.dstPort + " of "
                            + error.destination() + " is closed: "
                            + (error.kind == IcmpErrorRepr.PORT_UNREACHABLE));
                    failed[0] = true;
                }
            };
            final UdpSocket<Ipv4Address> client =
                    here.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0), config, handler);

            final int length = lab.put(0, "hello");
            client.send(new Endpoint<>(Ipv4Address.parse("192.0.2.3"), PORT), lab.scratch(), 0, length);
            // The settings of a socket hold for all that it sends; options for one datagram.
            client.settings().trafficClass(TRAFFIC_CLASS);
            final SendOptions options = new SendOptions();
            options.hopLimit = HOP_LIMIT;
            final Ipv4Address second = Ipv4Address.parse("192.0.2.2");
            client.send(second.hi(), second.lo(), PORT, lab.scratch(), 0, length, options);
            client.send(new Endpoint<>(second, CLOSED), lab.scratch(), 0, length);
            lab.until(() -> came[0] == 2 && failed[0]);
            final IcmpErrorRepr later = client.takeError();
            out.println("later: " + (later == null ? "nothing" : "the error about port " + later.dstPort));
        }
    }

    private static void tell(PrintWriter out, UdpDatagram datagram) {
        out.println("from " + datagram.source() + " to " + datagram.destination() + ": hop limit "
                + datagram.hopLimit() + ", DSCP " + datagram.trafficClass() / 4 + ", ECN " + datagram.ecn()
                + ", interface " + datagram.interfaceIndex() + ", at " + datagram.timestamp() + " us");
    }
}
