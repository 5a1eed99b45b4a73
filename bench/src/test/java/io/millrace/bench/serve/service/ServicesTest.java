package io.millrace.bench.serve.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.serve.TwoEnds;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServicesTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @SuppressWarnings("NullAway.Init")
    private TwoEnds ends;

    @BeforeEach
    void open() throws IOException {
        ends = new TwoEnds(pools, null);
    }

    @AfterEach
    void close() {
        ends.close();
    }

    static List<IpAddress> addresses() {
        return List.of(TwoEnds.V4, TwoEnds.V6);
    }

    @ParameterizedTest
    @MethodSource("addresses")
    @Origin("RFC 862")
    void shouldEchoEverythingAndCloseWhenTheClientCloses(IpAddress address) {
        final var connection = ends.connect(address, TwoEnds.ECHO);
        ends.until(connection::connected, TwoEnds.SECOND);
        final byte[] sent = random(300_000);
        connection.send(sent);
        connection.close();
        ends.until(connection::finished, 10 * TwoEnds.SECOND);
        assertArrayEquals(sent, connection.bytes());
    }

    @Test
    void shouldEchoEverythingWhenTheClientReadsLate() {
        final var connection = ends.connect(TwoEnds.V4, TwoEnds.ECHO);
        ends.until(connection::connected, TwoEnds.SECOND);
        connection.reading(false);
        final byte[] sent = random(400_000); // more than fits on the way back
        connection.send(sent);
        connection.close();
        ends.pass(2 * TwoEnds.SECOND);
        assertFalse(connection.finished());
        connection.reading(true);
        ends.until(connection::finished, 60 * TwoEnds.SECOND);
        assertArrayEquals(sent, connection.bytes());
    }

    @Test
    @Origin("RFC 863")
    void shouldSwallowEverythingWhenItIsDiscard() {
        final var connection = ends.connect(TwoEnds.V6, TwoEnds.DISCARD);
        ends.until(connection::connected, TwoEnds.SECOND);
        connection.send(random(1_000_000));
        connection.close();
        ends.until(connection::finished, 10 * TwoEnds.SECOND);
        assertEquals(0, connection.size());
    }

    @Test
    @Origin("RFC 864")
    void shouldSendTheRotatingPatternWhenItIsChargen() {
        final var connection = ends.connect(TwoEnds.V4, TwoEnds.CHARGEN);
        ends.until(() -> connection.size() > 5 * ChargenService.PERIOD, 10 * TwoEnds.SECOND);
        final byte[] bytes = connection.bytes();
        for (int i = 0; i < bytes.length; i++) {
            final int line = i / 74;
            final int column = i % 74;
            final int expected = column == 72 ? '\r' : column == 73 ? '\n' : ' ' + (line + column) % 95;
            assertEquals(expected, bytes[i], "byte " + i);
        }
        connection.close();
        ends.until(() -> connection.reason() == CloseReason.NORMAL, 120 * TwoEnds.SECOND);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000, 1_472})
    @Origin("RFC 862")
    void shouldSendTheDatagramBackWhenItIsUdpEcho(int length) {
        assertEquals(length, answerFrom(40_000, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 13, 17, 19, 37})
    void shouldNotAnswerWhenTheSourceIsAServiceThatAnswersEverything(int port) {
        assertEquals(-1, answerFrom(port, 10));
    }

    @Test
    void shouldDrainWhenConnectionsAreIdle() {
        final var first = ends.connect(TwoEnds.V4, TwoEnds.ECHO);
        final var second = ends.connect(TwoEnds.V6, TwoEnds.HTTP);
        ends.until(() -> ends.shard().stack().connections() == 2, TwoEnds.SECOND);
        ends.shard().shutdown();
        ends.until(() -> first.finished() && second.finished(), TwoEnds.SECOND);
        ends.until(ends.shard()::drained, TwoEnds.SECOND); // although the clients keep their side open
        final var late = ends.connect(TwoEnds.V4, TwoEnds.ECHO);
        ends.until(() -> late.reason() == CloseReason.REFUSED, TwoEnds.SECOND);
        assertTrue(ends.shard().drained());
    }

    /** Length of the answer to a datagram, or -1 if there is none within a second. */
    private int answerFrom(int port, int length) {
        final int[] answer = {-1};
        try (UdpSocket<Ipv4Address> socket = ends.client()
                .bind(
                        new Endpoint<>(Ipv4Address.UNSPECIFIED, port),
                        (from, datagram) -> answer[0] = datagram.length())) {
            socket.send(new Endpoint<>(TwoEnds.V4, TwoEnds.ECHO), ends.scratch(), 0, length);
            ends.pass(TwoEnds.SECOND);
        }
        return answer[0];
    }

    private static byte[] random(int length) {
        final byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
