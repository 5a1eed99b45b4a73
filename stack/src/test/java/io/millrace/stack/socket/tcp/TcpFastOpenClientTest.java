package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data in our SYNs: RFC 7413 section 4.1.3. */
class TcpFastOpenClientTest {
    private static final String COOKIE = "0123456789abcdef";

    private static TcpHarness client() {
        return new TcpHarness(TcpHarness.plain().build());
    }

    /** Connects, Fast Open wanted, with some data, if it is not null. */
    private static void open(final TcpHarness h, final @Nullable String text) {
        h.localIssKnown = false;
        h.events.clear();
        h.takeSent();
        h.connect();
        h.socket().options().fastOpenConnect(true);
        if (text != null) {
            h.queue(text);
        }
        h.poll();
    }

    /** Gets a cookie, and lets go of the connection that it came with. */
    private static TcpHarness acquainted(final TcpHarness h, final int mss) {
        open(h, null);
        assertEquals("", h.takeSent().getFirst().cookie);
        h.send(Seg.synAck(0, 1).mss(mss).fo(COOKIE));
        h.socket().abort();
        h.poll();
        return h;
    }

    private static TcpInfo info(final TcpHarness h) {
        return h.socket().info(new TcpInfo());
    }

    @Test
    @Origin("RFC 7413 4.1.3")
    void shouldAskForACookieAndSendDataWithTheNextSyn() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.send(Seg.synAck(0, 6).mss(1460));
            h.expect(Seg.ack(6, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertTrue(info(h).synData);
            assertEquals(5, info(h).bytesAcknowledged);
            assertEquals(0, h.socket().unacknowledged());
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_OPEN_SENT));
            h.write("world");
            h.expect(Seg.data(6, 1, "world"));
            h.send(Seg.ack(1, 11));
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    void shouldNotUseItUnlessTheApplicationWantsIt() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            h.localIssKnown = false;
            h.takeSent();
            h.connect();
            h.queue("hello");
            h.poll();
            h.expect(Seg.syn(0).fo(null));
        }
    }

    @Test
    @Origin("RFC 7413 4.1.3")
    void shouldSendNoMoreThanTheServersMssLeavesRoomFor() {
        try (TcpHarness h = acquainted(client(), 940)) {
            open(h, "x".repeat(2000));
            h.expect(Seg.syn(0).fo(COOKIE).len(900));
            h.send(Seg.synAck(0, 901).mss(1460).win(8000));
            h.expect(Seg.ack(901, 1).len(1100));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldSendTheDataAgainAtOnceWhenOnlyTheSynIsAcknowledged() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.send(Seg.synAck(0, 1).mss(1460));
            h.expect(Seg.data(1, 1, "hello"));
            assertFalse(info(h).synData);
            assertEquals(TcpInfo.FAST_OPEN_NOT_ACKNOWLEDGED, info(h).fastOpenFailure);
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_OPEN_REFUSED));
            assertEquals(1, info(h).totalRetransmits);
            assertEquals(1, info(h).retransmitted);
            assertEquals(5, info(h).bytesRetransmitted);
            assertEquals(10, info(h).bytesSent);
            h.send(Seg.ack(1, 6));
            assertEquals(0, h.socket().unacknowledged());
            assertEquals(0, info(h).retransmitted);
        }
    }

    /** What came with the SYN was not, however much the scale may hide of that. */
    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldAcknowledgeWithinTheWindowOfAPeerThatTookNothingFromTheSyn() {
        final TcpConfig scaling = TcpHarness.plain().windowScaling(true).build();
        try (TcpHarness h = acquainted(new TcpHarness(scaling), 1460)) {
            open(h, "hello");
            h.takeSent();
            h.send(Seg.synAck(0, 1).mss(1460).win(1).ws(4));
            h.expect(Seg.data(1, 1, "h"));
            h.send(Seg.synAck(0, 1).mss(1460).win(1).ws(4));
            h.expect(Seg.ack(2, 1));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldCountWhatIsSentAgainAndNotTheNewDataBehindIt() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.queue("x".repeat(2_000));
            h.send(Seg.synAck(0, 1).mss(1460).win(8000));
            assertEquals(2, h.takeSent().size());
            assertEquals(1, info(h).totalRetransmits);
            assertEquals(5, info(h).bytesRetransmitted);
            assertEquals(2_010, info(h).bytesSent);
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldSendTheRestWhenAPartIsAcknowledged() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.send(Seg.synAck(0, 3).mss(1460));
            h.expect(Seg.data(3, 1, "llo"));
            h.send(Seg.ack(1, 6));
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldResetForAnAcknowledgmentOfMoreThanItSent() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.send(Seg.synAck(0, 1000).mss(1460));
            h.expect(Seg.rst(1000));
            assertEquals(TcpState.SYN_SENT, h.state());
        }
    }

    @Test
    @Origin("RFC 7413 4.1.3.1")
    void shouldSendTheSynAgainWithoutDataAndOption() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.advance(1_000_000);
            h.expect(Seg.syn(0).fo(null));
            h.send(Seg.synAck(0, 1).mss(1460));
            h.expect(Seg.data(1, 1, "hello"));
            assertEquals(TcpInfo.FAST_OPEN_RETRANSMITTED, info(h).fastOpenFailure);
        }
    }

    @Test
    void shouldTakeALateAnswerToTheFirstSynThoughItSentAnother() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.advance(1_000_000);
            h.takeSent();
            h.send(Seg.synAck(0, 6).mss(1460));
            h.expect(Seg.ack(6, 1));
            assertTrue(info(h).synData);
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldTakeDataThatComesWithTheAnswer() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.takeSent();
            h.send(Seg.synAck(0, 6).mss(1460).text("world"));
            h.expect(Seg.ack(6, 6));
            assertEquals("world", h.read());
            assertEquals(List.of("connected", "readable"), h.events);
        }
    }

    @Test
    @Origin("RFC 7413 4.1.3.1")
    void shouldSpareAServerThatDidNotTakeTheData() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.takeSent();
            h.send(Seg.synAck(0, 1).mss(1460));
            h.socket().abort();
            open(h, "again");
            h.expect(Seg.syn(0).fo(null));
            assertEquals(TcpInfo.FAST_OPEN_UNAVAILABLE, info(h).fastOpenFailure);
            h.socket().abort();
            h.advance(900_000_000);
            open(h, "again");
            h.expect(Seg.syn(0).fo(COOKIE).text("again"));
        }
    }

    @Test
    @Origin("RFC 7413 4.1.3.1")
    void shouldGoOnWithAFreshCookieWhenTheOldOneWasRefused() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.takeSent();
            h.send(Seg.synAck(0, 1).mss(1460).fo("ffff0000"));
            open(h, "again");
            h.expect(Seg.syn(0).fo("ffff0000").text("again"));
        }
    }

    @Test
    @Origin("RFC 7413 4.1.3.1")
    void shouldSpareAServerThatGivesNoCookie() {
        try (TcpHarness h = client()) {
            open(h, null);
            h.expect(Seg.syn(0).fo(""));
            h.send(Seg.synAck(0, 1).mss(1460));
            open(h, "hello");
            h.expect(Seg.syn(0).fo(null));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldAskOnceByTheExperimentalOptionWhereNobodyIsSpared() {
        try (TcpHarness h = new TcpHarness(
                TcpHarness.plain().fastOpen(f -> f.withPathPause(0)).build())) {
            open(h, null);
            h.expect(Seg.syn(0).fo(""));
            h.send(Seg.synAck(0, 1).mss(1460));
            open(h, null);
            h.expect(Seg.syn(0).foExp(""));
            h.send(Seg.synAck(0, 1).mss(1460));
            for (int i = 0; i < 3; i++) {
                open(h, null);
                h.expect(Seg.syn(0).fo(""));
                h.send(Seg.synAck(0, 1).mss(1460));
            }
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldSendDataWithoutACookieIfTold() {
        try (TcpHarness h = client()) {
            h.connect();
            h.socket().options().fastOpenConnect(true).fastOpenNoCookie(true);
            h.queue("hello");
            h.poll();
            h.expect(Seg.syn(0).fo(null).text("hello"));
            h.send(Seg.synAck(0, 6).mss(1460).fo("abcd1234"));
            assertTrue(info(h).synData);
            open(h, "again");
            h.expect(Seg.syn(0).fo("")); // nobody asked for that cookie
        }
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldOpenFromBothSidesAtOnce() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            h.send(Seg.syn(0).mss(1460).text("HELLO").fo(COOKIE));
            h.expect(Seg.synAck(0, 1).fo(null));
            h.send(Seg.synAck(0, 1).mss(1460));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.expect(Seg.data(1, 6, "hello")); // RFC 9293 section 3.10.7.3: what came with the SYN was kept
            assertEquals("HELLO", h.read());
            h.send(Seg.ack(6, 6));
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    void shouldWaitForDataIfTold() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            h.localIssKnown = false;
            h.takeSent();
            h.connect();
            h.socket().options().fastOpenConnect(true);
            assertEquals(1420, h.socket().synRoom());
            h.socket().awaitSynData();
            h.advance(10_000_000);
            h.expectNothing();
            h.write("hello");
            h.expect(Seg.syn(0).fo(COOKIE).text("hello"));
            assertEquals(-1, h.socket().synRoom());
        }
    }

    @Test
    void shouldForgetTheServerNotUsedForLongest() {
        final FastOpenCookies cookies = new FastOpenCookies();
        try (TcpHarness h = client()) {
            final TcpConnection[] flows = new TcpConnection[3];
            for (int i = 0; i < 3; i++) {
                h.connect();
                for (final var flow : h.engine.flows.toArray()) {
                    flows[i] = new TcpConnection(h.engine, other(flow, i), 0);
                }
            }
            cookies.of(flows[0], 2);
            cookies.of(flows[1], 2);
            cookies.find(flows[0]);
            cookies.of(flows[2], 2);
            assertEquals(2, cookies.size());
            assertTrue(cookies.find(flows[0]) != null && cookies.find(flows[1]) == null);
        }
    }

    private static FlowEntry other(final FlowEntry flow, final int number) {
        return new FlowEntry(
                flow.family, flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo + number, flow.ports) {};
    }

    @Test
    void shouldRestFromItForEverybodyWhenAPathSwallowsAConnection() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.takeSent();
            h.send(Seg.synAck(0, 6).mss(1460));
            h.write("world");
            h.advance(20_000_000);
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_OPEN_PAUSES));
            h.socket().abort();
            open(h, "again");
            h.expect(Seg.syn(0).fo(null));
            h.socket().abort();
            h.advance(3_600_000_000L);
            open(h, "again");
            h.expect(Seg.syn(0).fo(COOKIE).text("again"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRestTwiceAsLongTheNextTimeUnlessOneEndedInOrder(final boolean worked) {
        try (TcpHarness h = acquainted(client(), 1460)) {
            swallow(h);
            h.advance(3_600_000_000L);
            if (worked) {
                open(h, "hello");
                h.send(Seg.synAck(0, 6).mss(1460));
                h.send(Seg.fin(1, 6));
                h.socket().abort();
            }
            swallow(h);
            h.advance(3_600_000_000L);
            open(h, "again");
            h.expect(worked ? Seg.syn(0).fo(COOKIE).text("again") : Seg.syn(0).fo(null));
        }
    }

    private static void swallow(final TcpHarness h) {
        open(h, "hello");
        h.send(Seg.synAck(0, 6).mss(1460));
        h.write("world");
        h.advance(20_000_000);
        h.socket().abort();
        h.poll();
    }

    @Test
    void shouldBeRefusedAsEver() {
        try (TcpHarness h = acquainted(client(), 1460)) {
            open(h, "hello");
            h.takeSent();
            h.send(Seg.rstAck(0, 6));
            assertEquals(List.of("closed REFUSED"), h.events);
            assertEquals(h.engine.chunks().capacity(), h.engine.chunks().available());
        }
    }

    @Test
    void shouldFindRoomForEveryOtherOption() {
        try (TcpHarness h = acquainted(
                new TcpHarness(TcpConfig.builder().ecn(EcnMode.REQUEST).build()), 1460)) {
            open(h, null);
            h.takeSent();
            h.send(Seg.synAck(0, 1).mss(1460).fo("00112233445566778899aabbccddeeff"));
            open(h, "hello");
            final Seg syn = h.takeSent().getFirst();
            assertEquals("00112233445566778899aabbccddeeff", syn.cookie);
            assertEquals(true, syn.timestamps);
            assertEquals(true, syn.sackPermitted);
            assertTrue(syn.windowShift >= 0 && syn.mss == 1460);
            assertEquals(5, syn.payload.length);
        }
    }
}
