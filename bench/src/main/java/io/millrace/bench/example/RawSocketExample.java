package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;

/**
 * A protocol of one's own straight on IP: raw sockets receive whole packets, header included, and send what one wrote,
 * header included too. The stack fills in length, checksum and source address, and goes on doing everything below:
 * neighbours, routes, fragments.
 */
final class RawSocketExample implements Example {
    /** For experiments (RFC 3692). */
    private static final int PROTOCOL = 253;

    private static final int HOP_LIMIT = 64;
    private static final int LONG = 4_000;

    RawSocketExample() {}

    @Override
    public String name() {
        return "raw-socket";
    }

    @Override
    public String summary() {
        return "a protocol of one's own, straight on IP";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "192.0.2.1/24");
            lab.attach(there, wire.b(), "192.0.2.2/24");

            final int[] longest = new int[1];
            there.openRaw(IpFamily.V4, PROTOCOL, (socket, packet) -> {
                longest[0] = Math.max(longest[0], packet.payloadLength());
                out.println("protocol " + packet.protocol() + " from " + packet.source() + ": "
                        + packet.payloadLength() + " bytes, \""
                        + Lab.text(packet.memory(), packet.payloadOffset(), 5) + "...\"");
            });

            final RawSocket socket = here.openRaw(IpFamily.V4, PROTOCOL, null);
            send(lab, socket, lab.put(Ipv4View.MIN_LENGTH, "hello on a protocol of one's own"));
            // Longer than the link takes, so it goes in fragments and comes out whole.
            lab.put(Ipv4View.MIN_LENGTH, "and a long one");
            send(lab, socket, LONG);
            lab.until(() -> longest[0] == LONG);
        }
    }

    private static void send(Lab lab, RawSocket socket, int payload) {
        final int length = Ipv4View.MIN_LENGTH + payload;
        final long to = Ipv4Address.parse("192.0.2.2").lo();
        // Source address 0: the stack chooses, as for every other socket.
        Ipv4View.write(lab.scratch(), 0, 0, length, 0, 0, HOP_LIMIT, PROTOCOL, 0, to);
        final int result = socket.send(lab.scratch(), 0, length);
        if (result != IpOutput.SENT) {
            throw new IllegalStateException("not sent: " + result);
        }
    }
}
