package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.PingChannel;
import io.millrace.stack.client.RawChannel;
import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.UdpChannel;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Packets for threads that are not the shard's: echo requests and replies, whole IP packets of a protocol of one's own,
 * and datagrams with what their headers say, both ways, and with the errors that come back.
 */
final class PacketThreadsExample implements Example {
    private static final int MTU = 1_500;
    private static final int PINGS = 3;
    private static final int ECHO_HEADER = 8;
    private static final int SEQUENCE_OFFSET = 6;

    /** For experiments (RFC 3692). */
    private static final int PROTOCOL = 253;

    private static final int PORT = 5_000;
    private static final int CLOSED = 5_001;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Ipv4Address HOST = Ipv4Address.parse("10.0.0.1");

    PacketThreadsExample() {}

    @Override
    public String name() {
        return "packet-threads";
    }

    @Override
    public String summary() {
        return "ping, raw packets and datagrams with their headers, for threads";
    }

    @Override
    public void run(PrintWriter out) throws IOException, InterruptedException {
        try (PacketPool pool = ArenaPool.create(1_024, MTU);
                Port port = LoopbackPort.open(Medium.IP, MTU, pool, 1, 512)) {
            final ThreadsExample.Shard shard = new ThreadsExample.Shard(pool, port);
            try (ShardRunner runner = ShardRunner.start(ShardOptions.named("shard-0"), shard)) {
                ping(shard.client(), out);
                raw(shard.client(), out);
                datagrams(shard.client(), out);
                out.println("shard: " + runner.options().name() + " alone touched the stack");
            }
            out.printf("%d of %d buffers are back in the pool%n", pool.available(), pool.capacity());
        }
    }

    /** A message is written from its type on; the stack fills in identifier and checksum. */
    private static void ping(StackClient client, PrintWriter out) throws IOException {
        try (PingChannel<Ipv4Address> channel = client.openPing()) {
            channel.receiveTimeout(PATIENCE);
            channel.connect(new Endpoint<>(HOST, 0));
            final ByteBuffer message = ByteBuffer.allocate(64);
            int replies = 0;
            for (int sequence = 1; sequence <= PINGS; sequence++) {
                message.clear();
                message.put(0, (byte) Icmpv4View.ECHO_REQUEST);
                message.putShort(SEQUENCE_OFFSET, (short) sequence);
                channel.send(message);
                final PacketChannel.Received<Ipv4Address> reply = channel.receive(message.clear(), 0);
                replies += reply != null && message.getShort(SEQUENCE_OFFSET) == sequence ? 1 : 0;
            }
            out.println("ping:  " + replies + " of " + PINGS + " requests were answered, with "
                    + (message.position() - ECHO_HEADER) + " bytes each");
        }
    }

    /** Packets are read and written with their IP header, in which the stack fills in length, source and checksum. */
    private static void raw(StackClient client, PrintWriter out) throws IOException {
        try (RawChannel sender = client.openRaw(IpFamily.V4, PROTOCOL);
                RawChannel receiver = client.openRaw(IpFamily.V4, PROTOCOL)) {
            receiver.receiveTimeout(PATIENCE);
            final byte[] words = "straight on IP".getBytes(StandardCharsets.US_ASCII);
            final ByteBuffer packet = ByteBuffer.allocate(Ipv4View.MIN_LENGTH + words.length);
            packet.put(0, (byte) 0x45); // version 4, a header of five words
            packet.put(8, (byte) 64).put(9, (byte) PROTOCOL).putInt(16, (int) HOST.lo());
            packet.put(Ipv4View.MIN_LENGTH, words);
            sender.send(packet);
            final ByteBuffer came = ByteBuffer.allocate(MTU);
            final PacketChannel.Received<IpAddress> received = receiver.receive(came, 0);
            if (received != null) {
                out.println("raw:   protocol " + Byte.toUnsignedInt(came.get(9)) + " from "
                        + received.source().address() + ": " + received.length() + " bytes, \""
                        + StandardCharsets.US_ASCII.decode(came.flip().position(Ipv4View.MIN_LENGTH)) + "\"");
            }
        }
    }

    private static void datagrams(StackClient client, PrintWriter out) throws IOException, InterruptedException {
        try (UdpChannel<Ipv4Address> server = client.bindUdp(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT));
                UdpChannel<Ipv4Address> channel = client.openUdp()) {
            server.receiveTimeout(PATIENCE);
            channel.allErrors(true);
            final SendOptions options = new SendOptions();
            options.hopLimit = 17;
            options.trafficClass = 46 << 2; // expedited forwarding
            channel.send(ByteBuffer.allocate(5), new Endpoint<>(HOST, PORT), options);
            final PacketChannel.Received<Ipv4Address> received = server.receive(ByteBuffer.allocate(MTU), 0);
            if (received != null) {
                out.println("udp:   " + received.length() + " bytes to " + received.destination() + ": hop limit "
                        + received.hopLimit() + ", DSCP " + (received.trafficClass() >> 2) + ", interface "
                        + received.interfaceIndex());
            }
            channel.send(ByteBuffer.allocate(5), new Endpoint<>(HOST, CLOSED));
            Readiness.await(List.of(channel.readiness()), new int[] {Readiness.ERROR}, PATIENCE.toNanos());
            final IcmpErrorRepr error = channel.takeIcmpError();
            if (error != null) {
                out.println("error: " + error.reporter() + " says that port " + error.dstPort + " of "
                        + error.destination() + " is closed: "
                        + (error.kind == IcmpErrorRepr.PORT_UNREACHABLE));
            }
        }
    }
}
