package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Connections whose every segment is signed, as between routers that speak BGP: whoever has not the key can neither open
 * one nor end one. Here by the authentication option (RFC 5925); for peers that know MD5 only, {@code Md5Key} takes the
 * place of {@code AoKey}.
 */
final class SignedExample implements Example {
    private static final int PORT = 179;
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.parse("192.0.2.2"), PORT);

    SignedExample() {}

    @Override
    public String name() {
        return "signed";
    }

    @Override
    public String summary() {
        return "segments signed with a key, and dropped if they are not";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "192.0.2.1/24");
            lab.attach(there, wire.b(), "192.0.2.2/24");

            final TcpListener<Ipv4Address> listener = there.listen(SERVER, 4, new Echo());
            listener.options().keys().set(key("192.0.2.0/24", "what only the two know"));

            // Set before the next poll, a key signs the SYN, too.
            final Client friend = new Client(lab);
            final TcpSocket<Ipv4Address> known = here.connect(SERVER, friend);
            known.options().keys().set(key("192.0.2.2/32", "what only the two know"));
            lab.until(() -> friend.end != null);
            out.println("with the key:    " + friend.answer);

            final Client stranger = new Client(lab);
            final TcpSocket<Ipv4Address> unknown = here.connect(SERVER, stranger);
            unknown.options().synRetries(0).keys().set(key("192.0.2.2/32", "a guess"));
            lab.until(() -> stranger.end != null);
            out.println("with another:    " + stranger.end);
            out.println("tcpAoBad:        " + there.counters().get(StackCounter.TCP_AO_BAD));
        }
    }

    private static AoKey key(String peers, String secret) {
        return new AoKey(Cidr.parse(peers), AoAlgorithm.HMAC_SHA_1_96, secret.getBytes(StandardCharsets.UTF_8), 1, 1);
    }

    private static final class Echo implements TcpHandler {
        @Override
        public void onReadable(TcpSocket<?> socket) {
            final int echoed = socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
            socket.consume(Math.max(0, echoed)); // one word, which always fits; else wait for onWritable
            if (socket.finished()) {
                socket.close();
            }
        }
    }

    private static final class Client implements TcpHandler {
        private final Lab lab;
        private String answer = "none";
        private @Nullable CloseReason end;

        Client(Lab lab) {
            this.lab = lab;
        }

        @Override
        public void onConnected(TcpSocket<?> socket) {
            socket.send(lab.scratch(), 0, lab.put(0, "OPEN"));
            socket.close();
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            final int length = socket.readSpan();
            if (length > 0) {
                answer = Lab.text(socket.readMemory(), socket.readOffset(), length);
                socket.consume(length);
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            end = why;
        }
    }
}
