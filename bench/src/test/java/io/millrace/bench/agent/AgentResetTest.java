package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.PoolWatch;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a request for a fresh start leaves of what there was: nothing that a program could meet. */
final class AgentResetTest {
    private static final int HEADER = 20;
    private static final int QUOTED = 28;
    private static final int PATH_MTU = 600;

    private static final String CONNECT = "connect 3 10.0.0.2 9";
    private static final String READ_PATH_MTU = "getsockopt 3 0 14 4";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldForgetWhatRoutersTold() {
        final PacketPool pool = pools.pool(64, 2_048);
        try (SteppedAgent agent =
                new SteppedAgent(pool, pools.cache(pool), TcpConfig.builder().build(), "10.0.0.1/24")) {
            connect(agent);
            assertEquals("1000 0", agent.ask("send 3 1000 0"));
            agent.arrive(tooBig(agent.sent().getLast()));
            assertEquals("0 0 58020000", agent.ask(READ_PATH_MTU));
            assertEquals("0 0", agent.ask("reset"));
            connect(agent);
            assertEquals("0 0 dc050000", agent.ask(READ_PATH_MTU));
        }
    }

    private static void connect(final SteppedAgent agent) {
        assertEquals("3 0", agent.ask("socket 2 2 0"));
        assertEquals("0 0", agent.ask(CONNECT));
    }

    /** What a router tells of a packet that was too long for its next link (RFC 1191 section 4). */
    private static byte[] tooBig(final byte[] packet) {
        final ByteBuffer told = ByteBuffer.allocate(HEADER + 8 + QUOTED);
        told.put((byte) 0x45).put((byte) 0).putShort((short) told.capacity());
        told.putInt(0).put((byte) 64).put((byte) 1).putShort((short) 0);
        told.put(packet, 16, 4).put(packet, 12, 4);
        told.put((byte) 3).put((byte) 4).putInt(0).putShort((short) PATH_MTU);
        told.put(packet, 0, QUOTED);
        told.putShort(10, checksum(told, 0, HEADER));
        told.putShort(HEADER + 2, checksum(told, HEADER, told.capacity()));
        return told.array();
    }

    private static short checksum(final ByteBuffer bytes, final int from, final int to) {
        int sum = 0;
        for (int at = from; at < to; at += 2) {
            sum += Short.toUnsignedInt(bytes.getShort(at));
        }
        return (short) ~(sum % 0xFFFF);
    }
}
