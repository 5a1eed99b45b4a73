package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.PrintWriter;

/**
 * A multicast group: every member gets every datagram, also two sockets of one host, and the sender itself if it is a
 * member and wants to. Groups are joined on an interface; a socket that left one hears nothing more of it.
 */
final class MulticastExample implements Example {
    private static final int PORT = 5_353;

    MulticastExample() {}

    @Override
    public String name() {
        return "multicast";
    }

    @Override
    public String summary() {
        return "a group with three members on two hosts, over IPv4 and IPv6";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            final NetInterface ours = lab.attach(here, wire.a(), "192.0.2.1/24", "2001:db8::1/64");
            final NetInterface theirs = lab.attach(there, wire.b(), "192.0.2.2/24", "2001:db8::2/64");
            group(out, lab, here, ours, there, theirs, Ipv4Address.parse("239.1.2.3"), Ipv4Address.UNSPECIFIED);
            group(out, lab, here, ours, there, theirs, Ipv6Address.parse("ff02::1:2:3"), Ipv6Address.UNSPECIFIED);
        }
    }

    private static <A extends IpAddress> void group(
            PrintWriter out, Lab lab, Stack here, NetInterface ours, Stack there, NetInterface theirs, A group, A any) {
        final int[] heard = new int[1];
        // Two sockets of one host may have the same port if both agree to share it.
        final UdpConfig shared = UdpConfig.defaults().withShared(true);
        final Endpoint<A> where = new Endpoint<>(any, PORT);
        final UdpSocket<A> first = there.bind(where, shared, (socket, datagram) -> {
            out.println("first member:  " + datagram.destination() + " from " + datagram.source());
            heard[0]++;
        });
        final UdpSocket<A> second = there.bind(where, shared, (socket, datagram) -> {
            out.println("second member: " + datagram.destination() + " from " + datagram.source());
            heard[0]++;
        });
        first.join(group, theirs.index());
        second.join(group, theirs.index());

        final UdpSocket<A> sender = here.bind(where, shared, (socket, datagram) -> {
            out.println("the sender:    " + datagram.destination() + " from itself");
            heard[0]++;
        });
        sender.join(group, ours.index());
        sender.settings().interfaceIndex(ours.index()).multicastHopLimit(1).multicastLoop(true);
        final int length = lab.put(0, "to all of you");
        sender.send(new Endpoint<>(group, PORT), lab.scratch(), 0, length);
        lab.until(() -> heard[0] == 3);

        second.leave(group, theirs.index());
        sender.settings().multicastLoop(false);
        sender.send(new Endpoint<>(group, PORT), lab.scratch(), 0, length);
        lab.until(() -> heard[0] == 4);
        first.close();
        second.close();
        sender.close();
    }
}
