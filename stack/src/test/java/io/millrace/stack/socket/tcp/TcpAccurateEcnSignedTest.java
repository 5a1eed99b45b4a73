package io.millrace.stack.socket.tcp;

import static io.millrace.stack.socket.tcp.AccurateEnds.CE;
import static io.millrace.stack.socket.tcp.AccurateEnds.ECT_0;
import static io.millrace.stack.socket.tcp.AccurateEnds.ECT_1;
import static io.millrace.stack.socket.tcp.AccurateEnds.MSS;
import static io.millrace.stack.socket.tcp.AccurateEnds.info;
import static io.millrace.stack.socket.tcp.AccurateEnds.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.testkit.Origin;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Accurate ECN on connections whose segments are signed, which takes room from its option: RFC 9768 section 3.2.3.3. The
 * harness signs, and checks what is sent.
 */
class TcpAccurateEcnSignedTest {
    private static final Cidr<?> ALL = Cidr.parse("0.0.0.0/0");
    private static final byte[] SECRET = {1, 2, 3};
    private static final Md5Key MD5 = new Md5Key(ALL, SECRET);
    private static final AoKey AO = new AoKey(ALL, AoAlgorithm.HMAC_SHA_1_96, SECRET, 1, 2);
    private static final AoKey THEIRS = new AoKey(ALL, AoAlgorithm.HMAC_SHA_1_96, SECRET, 2, 1);

    private static void sign(final TcpHarness h, final TcpKeys keys, final boolean authenticated) {
        if (authenticated) {
            keys.set(AO);
            h.signatures.ao = THEIRS;
            h.signatures.wantedKeyId = THEIRS.receiveId();
        } else {
            keys.set(MD5);
            h.signatures.md5 = MD5;
        }
    }

    /** The peer asked for it and sends options. */
    private static TcpHarness server(final boolean authenticated, final TcpConfigBuilder settings, final int told) {
        final TcpHarness h = new TcpHarness(settings.build());
        sign(h, h.listen(1).options().keys(), authenticated);
        final boolean timestamps = settings.build().features().timestamps();
        final Seg syn = Seg.syn(0).ace(7).mss(MSS).win(65535).sackOk(true);
        h.send(timestamps ? syn.ts(1, 0) : syn);
        final Seg answer = h.takeSent().getFirst();
        assertArrayEquals(Arrays.copyOf(new int[] {174, 1, 0, 1}, 1 + told), answer.counts);
        h.advance(10_000);
        final Seg third = Seg.ack(1, 1).ace(2).e0(1, 0, 1).win(65535);
        h.send(timestamps ? third.ts(2, 0) : third);
        assertEquals(TcpState.ESTABLISHED, h.state());
        return h;
    }

    private static TcpConfigBuilder settings(final boolean timestamps, final boolean sack) {
        return AccurateEnds.settings(EcnMode.ACCEPT_ACCURATE)
                .timestamps(timestamps)
                .sack(sack);
    }

    private static Seg data(final int seq, final int codePoint) {
        return Seg.data(seq, 1, "abc").ace(5).ecn(codePoint).win(65535);
    }

    @ParameterizedTest
    @CsvSource({"false, false, 3", "false, true, 0", "true, false, 3", "true, true, 2"})
    @Origin("RFC 9768 3.2.3.3")
    void shouldCountAndTell(final boolean authenticated, final boolean timestamps, final int told) {
        // Beside MD5 there is either of timestamps and SACK.
        try (TcpHarness h = server(authenticated, settings(timestamps, authenticated || !timestamps), told)) {
            final int[] codePoints = {ECT_0, ECT_1, CE, 0};
            final int[][] counts = {{1, 0, 4}, {4, 0, 4}, {4, 3, 4}, {4, 3, 4}};
            for (int i = 0; i < codePoints.length; i++) {
                final Seg segment = data(1 + 3 * i, codePoints[i]);
                h.send(timestamps ? segment.ts(3 + i, 0) : segment);
                h.advance(40_000);
                final Seg answer = Seg.ack(1, 4 + 3 * i).ace(i < 2 ? 5 : 6);
                h.expect(i == 0 && !authenticated && timestamps ? answer.e0(4, 0) : answer.e1(counts[i]));
            }
            h.write("x".repeat(2 * MSS));
            final int options = Math.min(40, (authenticated ? 16 : 20) + (timestamps ? 12 : 0) + 12);
            h.expect(Seg.ack(1, 13).len(MSS - options).ace(6).e1(4, 3, 4));
            final Seg report =
                    Seg.ack(13, 1 + MSS - options).ace(7).e0(1, 500, 1).win(65535);
            h.send(timestamps ? report.ts(9, 0) : report);
            assertEquals(2, info(h).ecnSent.cePackets);
            assertEquals(500, info(h).ecnSent.ceBytes);
        }
    }

    /** As {@link TcpAccurateEcnCountsTest#shouldMakeRoomForWhatIsNewAmongBlocks}, with less room. */
    @ParameterizedTest
    @CsvSource({
        "false, false, 2, 1, 172, 2",
        "false, false, 3, 1, 174, 2",
        "false, false, 02, 2, 0, 0",
        "false, false, 03, 2, 0, 0",
        "false, false, 20, 2, 0, 0",
        "true, false, 2, 1, 174, 3",
        "true, false, 02, 2, 172, 1",
        "true, false, 01, 2, 174, 1",
        "true, false, 03, 2, 0, 0",
        "true, false, 12, 2, 172, 1",
        "true, true, 2, 1, 0, 0",
        "true, true, 0, 1, 0, 0"
    })
    @Origin("RFC 9768 3.2.3.3")
    void shouldMakeRoomForWhatIsNewAmongBlocks(
            final boolean authenticated,
            final boolean timestamps,
            final String codePoints,
            final int blocks,
            final int kind,
            final int counts) {
        try (TcpHarness h = server(authenticated, settings(timestamps, true), timestamps ? 2 : 3)) {
            final int[] bytes = new int[4];
            for (int i = 1; i <= codePoints.length(); i++) {
                h.takeSent();
                final int codePoint = codePoints.charAt(i - 1) - '0';
                bytes[codePoint] += 3;
                final Seg segment = data(1 + 10 * i, codePoint);
                h.send(timestamps ? segment.ts(2 + i, 0) : segment);
            }
            final Seg answer = h.takeSent().getLast();
            assertEquals(blocks, answer.sacks.length / 2);
            if (kind == 0) {
                assertNull(answer.counts);
            } else {
                final boolean zeroFirst = kind == 172;
                final int[] all = {kind, 1 + bytes[zeroFirst ? 2 : 1], bytes[3], 1 + bytes[zeroFirst ? 1 : 2]};
                assertArrayEquals(Arrays.copyOf(all, 1 + counts), answer.counts);
            }
        }
    }

    /** What there was no room for is told as soon as there is some. */
    @Test
    @Origin("RFC 9768 3.2.3.3")
    void shouldTellLaterWhatFoundNoRoom() {
        try (TcpHarness h = server(false, settings(false, true), 3)) {
            h.send(data(11, 0));
            h.takeSent();
            h.send(data(21, CE));
            h.expect(Seg.ack(1, 1).ace(6).noCounts().sack(21, 24, 11, 14));
            h.send(data(1, 0).len(20));
            h.expect(Seg.ack(1, 24).ace(6).e1(1, 3).sack(11, 14));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("RFC 9768 3.2.3.2.1")
    void shouldAskForItAndSendTheOption(final boolean authenticated) {
        try (TcpHarness h = new TcpHarness(AccurateEnds.config(EcnMode.REQUEST_ACCURATE))) {
            sign(h, h.connect().options().keys(), authenticated);
            h.poll();
            h.expect(Seg.syn(0).ace(7).noCounts());
            h.send(Seg.synAck(0, 1).ace(2).mss(MSS).win(65535).sackOk(true).e0(1, 0, 1));
            h.expect(Seg.ack(1, 1).ace(2).e1(1, 0, 1));
            h.send(data(1, CE));
            h.expect(Seg.ack(1, 4).ace(6).e1(1, 3, 1));
        }
    }
}
