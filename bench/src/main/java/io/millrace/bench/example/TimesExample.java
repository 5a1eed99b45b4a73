package io.millrace.bench.example;

import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a request goes: when its last byte was made into a packet, when the port took that, when the server's
 * stack acknowledged it, when the answer came: what lies between the last two is the server's own time. The datagram in
 * front of it is made at once, and leaves when its neighbour has told its address.
 */
final class TimesExample implements Example {
    private static final int REQUEST = 3_000;
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.parse("192.0.2.2"), 7);

    TimesExample() {}

    @Override
    public String name() {
        return "times";
    }

    @Override
    public String summary() {
        return "when a request was made, sent, acknowledged and answered";
    }

    @Override
    public void run(PrintWriter out) {
        try (Lab lab = new Lab()) {
            final SimulatedWire wire = lab.wire();
            final Stack here = lab.stack();
            final Stack there = lab.stack();
            lab.attach(here, wire.a(), "192.0.2.1/24");
            lab.attach(there, wire.b(), "192.0.2.2/24");
            there.bind(SERVER, (socket, datagram) -> out.println("it came"));
            final Server server = new Server();
            there.listen(SERVER, 1, server);

            final boolean[] left = {false};
            final UdpSocket<Ipv4Address> datagrams = here.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            datagrams.times().stages(SendStage.ALL).handler((stage, number, micros) -> {
                say(out, "datagram", stage.name(), micros);
                left[0] |= stage == SendStage.SENT;
            });
            datagrams.send(SERVER, lab.scratch(), 0, lab.put(0, "hello"));
            lab.until(() -> left[0]);

            final Client client = new Client(out);
            final TcpSocket<Ipv4Address> connection = here.connect(SERVER, client);
            connection.options().times().stages(SendStage.ALL).receives(true);
            connection.send(lab.scratch(), 0, REQUEST); // three packets; it is the last byte that is told of
            lab.until(() -> server.asked >= REQUEST && client.acknowledged > 0);
            server.answer(lab);
            lab.until(() -> client.answered > 0);
            out.println("after the acknowledgment it took " + (client.answered - client.acknowledged) + " us");
        }
    }

    private static void say(PrintWriter out, String what, String stage, long micros) {
        out.printf(Locale.ROOT, "%-9s %-13s at %,6d us%n", what, stage.toLowerCase(Locale.ROOT), micros);
    }

    private static final class Server implements TcpHandler {
        private int asked;
        private @Nullable TcpSocket<?> client;

        @Override
        public void onReadable(TcpSocket<?> socket) {
            client = socket;
            asked += socket.readable();
            socket.consume(socket.readable());
        }

        void answer(Lab lab) {
            if (client != null) {
                client.send(lab.scratch(), 0, lab.put(0, "the answer"));
            }
        }
    }

    private static final class Client implements TcpHandler {
        private final PrintWriter out;
        private long acknowledged;
        private long answered;

        Client(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void onSendStage(TcpSocket<?> socket, SendStage stage, long position, long micros) {
            say(out, "byte " + position, stage.name(), micros);
            acknowledged = stage == SendStage.ACKNOWLEDGED ? micros : acknowledged;
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            socket.consume(socket.readable());
            answered = socket.receivedAt();
            say(out, "answer", "RECEIVED", answered);
        }
    }
}
