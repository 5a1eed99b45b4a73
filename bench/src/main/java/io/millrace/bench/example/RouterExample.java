package io.millrace.bench.example;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.route.Route;
import io.millrace.stack.socket.icmp.IcmpSocket;
import io.millrace.stack.socket.raw.RawPacket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;

/**
 * A stack with two interfaces that forwards between them, and a host that finds the way through it: an {@link IcmpSocket}
 * sends echo requests that may pass no router, then one, and hears of errors and replies alike. Then a packet asks the
 * routers on its way to look closer, and a raw socket of the router takes it.
 */
final class RouterExample implements Example {
    private static final int IDENTIFIER = 4_711;
    private static final int DATA = 56;
    private static final int MOST_HOPS = 8;

    /** Protocol of RSVP, and the value of its router alert over IPv6 (RFC 2711 section 2.1). */
    private static final int RSVP = 46;

    private static final int RSVP_ALERT = 1;

    RouterExample() {}

    @Override
    public String name() {
        return "router";
    }

    @Override
    public String summary() {
        return "several interfaces, routes, forwarding and router alerts, looked at with an ICMP socket";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire left = lab.wire();
            final SimulatedWire right = lab.wire();
            final Stack host = lab.stack();
            final Stack router = lab.stack();
            final Stack far = lab.stack();
            final NetInterface hostPort = lab.attach(host, left.a(), "2001:db8:1::2/64");
            lab.attach(router, left.b(), "2001:db8:1::1/64");
            lab.attach(router, right.a(), "2001:db8:2::1/64");
            final NetInterface farPort = lab.attach(far, right.b(), "2001:db8:2::2/64");

            router.forwarding(ForwardingRules.ROUTER);
            host.addRoute(Route.byDefault(Ipv6Address.parse("2001:db8:1::1"), hostPort.index()));
            // The way back needs no default route: one to the host's network is enough.
            far.addRoute(Route.via(Cidr.parse("2001:db8:1::/64"), Ipv6Address.parse("2001:db8:2::1"), farPort.index()));
            host.routes().forEach(route -> out.println("route of the host: " + route));

            final Ipv6Address target = Ipv6Address.parse("2001:db8:2::2");
            trace(out, lab, host, target);
            alert(out, lab, host, router, target);
        }
    }

    /** What traceroute does: one more hop each time, until the host itself answers. */
    private static void trace(PrintWriter out, Lab lab, Stack host, Ipv6Address target) {
        final boolean[] answered = new boolean[1];
        final int[] heard = new int[1];
        final IcmpSocket<Ipv6Address> socket =
                host.bindEcho(Ipv6Address.UNSPECIFIED, IDENTIFIER, (receiver, message) -> {
                    final IcmpErrorRepr error = message.error();
                    heard[0]++;
                    answered[0] = error == null;
                    out.println("hop " + heard[0] + ": " + message.source()
                            + (error == null ? " answers" : " says that the time is over"));
                });
        for (int hops = 1; hops <= MOST_HOPS && !answered[0]; hops++) {
            socket.settings().hopLimit(hops);
            IcmpView.writeEcho(lab.scratch(), 0, Icmpv6View.ECHO_REQUEST, IDENTIFIER, hops);
            socket.send(target, lab.scratch(), 0, IcmpView.LENGTH + DATA);
            final int expected = hops;
            lab.until(() -> heard[0] == expected);
        }
        socket.close();
    }

    /**
     * A packet to another host that a router looks at closer, since it asks for that and an application there takes it.
     */
    private static void alert(PrintWriter out, Lab lab, Stack host, Stack router, Ipv6Address target) {
        final RawSocket listener = router.openRaw(IpFamily.V6, RSVP, null);
        listener.routerAlert(RSVP_ALERT);
        final RawSocket sender = host.openRaw(IpFamily.V6, RSVP, null);
        final MemorySegment memory = lab.scratch();
        final int length = Ipv6ExtensionView.UNIT + DATA;
        // The stack fills in the source address.
        Ipv6View.write(memory, 0, 0, 0, length, Ipv6ExtensionView.HOP_BY_HOP, 64, 0, 0, target.hi(), target.lo());
        Net.put64(
                memory,
                Ipv6View.LENGTH,
                (long) RSVP << 56
                        | (long) Ipv6ExtensionView.OPTION_ROUTER_ALERT << 40
                        | 2L << 32
                        | RSVP_ALERT << 16
                        | Ipv6ExtensionView.OPTION_PADN << 8);
        sender.send(memory, 0, Ipv6View.LENGTH + length);
        lab.until(() -> listener.readable() > 0);
        final RawPacket packet = listener.receive();
        if (packet != null) {
            out.println("the router takes a packet from " + packet.source() + " to " + packet.destination());
        }
        sender.close();
        listener.close();
    }
}
