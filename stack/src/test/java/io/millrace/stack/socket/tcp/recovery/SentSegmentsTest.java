package io.millrace.stack.socket.tcp.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentSegmentsTest {
    private static final int MSS = 100;
    /** Close to where sequence numbers wrap. */
    private static final int START = -250;

    private final SentSegments sent = new SentSegments();
    private final Delivery delivery = new Delivery();

    private void send(final int count) {
        sent.reset(START);
        for (int i = 1; i <= count; i++) {
            sent.append(START + i * MSS, i, false);
        }
    }

    private void ack(final int segments) {
        delivery.clear();
        sent.acknowledge(START + segments * MSS, delivery);
    }

    private void sack(final int from, final int to) {
        sent.selectivelyAcknowledge(START + from * MSS, START + to * MSS, delivery);
    }

    @Test
    void shouldDropWhatIsAcknowledgedInOrder() {
        send(5);
        ack(2);
        assertEquals("...", sent.toString());
        assertEquals(2 * MSS, delivery.bytes);
        assertEquals(2, delivery.sentAt);
        assertTrue(delivery.original);
        assertFalse(delivery.reordered);
        ack(5);
        assertTrue(sent.isEmpty());
    }

    @Test
    @Origin("RFC 2018 5")
    void shouldMarkWhatABlockCoversAsAWhole() {
        send(6);
        ack(0);
        sent.selectivelyAcknowledge(START + 150, START + 420, delivery);
        assertEquals("..SS..", sent.toString());
        assertEquals(2 * MSS, delivery.bytes);
        assertEquals(2 * MSS, sent.sackedBytes());
        sack(2, 4); // once more
        assertEquals(2 * MSS, delivery.bytes);
        sack(1, 6);
        assertEquals(".SSSSS", sent.toString());
        ack(6);
        assertEquals(MSS, delivery.bytes, "the others had arrived");
        assertEquals(0, sent.sackedBytes());
    }

    @Test
    @Origin("RFC 2018 5")
    void shouldIgnoreBlocksThatMakeNoSense() {
        send(4);
        ack(1);
        sack(0, 2); // begins before what is acknowledged
        sack(2, 5); // ends behind what was sent
        sack(3, 2); // upside down
        sack(2, 2);
        sent.selectivelyAcknowledge(START + 1_000_000, START + 1_000_100, delivery);
        sent.selectivelyAcknowledge(Integer.MIN_VALUE, Integer.MAX_VALUE, delivery);
        assertEquals("...", sent.toString());
        assertEquals(0, sent.sackedBytes());
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldLoseWhatWasSentBeforeWhatArrived() {
        send(6);
        ack(0);
        sack(4, 5);
        assertEquals(5, delivery.sentAt);
        // Segment i was sent at i; a round trip of 10 and no patience beyond it.
        assertEquals(-1, sent.detectLosses(delivery.sentAt, delivery.end, 10, 100));
        assertEquals("LLLLS.", sent.toString());
        assertEquals(4 * MSS, sent.lostBytes());
        assertEquals(0, sent.firstLost());
    }

    /** A burst leaves within a microsecond. */
    @Test
    @Origin("RFC 8985 6.2")
    void shouldLetTheSequenceNumberDecideWhatLeftFirstOfWhatLeftAtOnce() {
        sent.reset(START);
        for (int i = 1; i <= 5; i++) {
            sent.append(START + i * MSS, 7, false);
        }
        final Rack rack = new Rack();
        delivery.clear();
        sack(2, 3);
        rack.onDelivered(delivery, 17);
        assertEquals(-1, rack.detect(sent, true, 10, 17));
        assertEquals("LLS..", sent.toString(), "what is behind it may yet come");
        sent.sentAgain(0, 20);
        sent.sentAgain(1, 20);
        delivery.clear();
        sack(1, 2);
        rack.onDelivered(delivery, 30);
        assertEquals(-1, rack.detect(sent, true, 10, 30));
        assertEquals("LSSLL", sent.toString(), "those that were sent again count from then");
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldTellHowLongToWaitForTheLastLoss() {
        send(6);
        ack(0);
        sack(4, 5);
        assertEquals(2, sent.detectLosses(delivery.sentAt, delivery.end, 10, 12));
        assertEquals("LL..S.", sent.toString());
        assertEquals(1, sent.detectLosses(delivery.sentAt, delivery.end, 10, 13));
        assertEquals("LLL.S.", sent.toString());
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldFindThatARetransmissionWasLostToo() {
        send(6);
        ack(0);
        sack(3, 4);
        sent.detectLosses(delivery.sentAt, delivery.end, 0, 100);
        assertEquals("LLLS..", sent.toString());
        sent.sentAgain(0, 200);
        sent.sentAgain(1, 201);
        assertEquals("RRLS..", sent.toString());
        assertEquals(MSS, sent.lostBytes());
        delivery.clear();
        sack(1, 2);
        assertFalse(delivery.original);
        assertEquals(100, sent.detectLosses(delivery.sentAt, delivery.end, 110, 210));
        assertEquals(-1, sent.detectLosses(delivery.sentAt, delivery.end, 10, 400));
        assertEquals("LSLSLL", sent.toString());
        assertEquals(2, sent.firstLost(), "it has waited longer");
    }

    @Test
    void shouldSeeReorderingWhenALateSegmentFillsAGap() {
        send(4);
        ack(0);
        sack(1, 2);
        assertFalse(delivery.reordered);
        ack(2);
        assertTrue(delivery.reordered);
    }

    @Test
    void shouldLoseAllButWhatArrivedAndFindItAgain() {
        send(5);
        ack(0);
        sack(2, 3);
        sent.loseAll(false);
        assertEquals("LLSLL", sent.toString());
        sent.sentAgain(0, 50);
        assertEquals("RLSLL", sent.toString());
        sent.findAll();
        assertEquals("R.S..", sent.toString());
        assertEquals(0, sent.lostBytes());
        sent.loseAll(true);
        assertEquals("LLLLL", sent.toString());
        assertEquals(0, sent.sackedBytes());
    }

    @Test
    @Origin("RFC 2018 8")
    void shouldNoticeThatThePeerTookASelectiveAcknowledgmentBack() {
        send(3);
        ack(0);
        sack(1, 2);
        assertFalse(sent.reneged());
        ack(1);
        assertTrue(sent.reneged());
    }

    @Test
    void shouldKeepTheRestOfASegmentAcknowledgedInPart() {
        send(2);
        delivery.clear();
        sent.acknowledge(START + 30, delivery);
        assertEquals(30, delivery.bytes);
        sent.loseFirst();
        assertEquals(70, sent.lostBytes());
        delivery.clear();
        sent.acknowledge(START + 50, delivery);
        assertEquals(50, sent.lostBytes());
        ack(1);
        assertEquals(0, sent.lostBytes());
        assertEquals(".", sent.toString());
    }

    @Test
    @Origin("RFC 6675 5")
    void shouldBoundWorkAndMemoryWhateverThePeerAcknowledges() {
        sent.reset(START);
        int end = START;
        for (int i = 0; i < SentSegments.MAX_SEGMENTS + 100; i++) {
            assertTrue(sent.hasRoom());
            sent.append(++end, i, false);
        }
        assertEquals(SentSegments.MAX_SEGMENTS, sent.count());
        assertEquals(end, sent.end());
        delivery.clear();
        for (int i = 1; i < SentSegments.MAX_SEGMENTS - 1; i += 2) {
            sent.selectivelyAcknowledge(START + i, START + i + 1, delivery);
        }
        assertEquals(SentSegments.MAX_RANGES, sent.sackedSegments());
        // The same huge block again and again costs a binary search.
        sent.selectivelyAcknowledge(START + 1, START + 2000, delivery);
        for (int i = 0; i < 1_000_000; i++) {
            sent.selectivelyAcknowledge(START + 1, START + 2000, delivery);
        }
        assertEquals(1999, delivery.bytes - (SentSegments.MAX_RANGES - 1000) * 1, "each byte counts once");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldAgreeWithASimpleScoreboard(final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        sent.reset(START);
        final char[] model = new char[4000];
        int first = 0;
        int count = 0;
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            now++;
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (count < model.length) {
                        sent.append(START + (count + 1) * MSS, now, false);
                        model[count++] = '.';
                    }
                }
                case 2 -> {
                    if (random.nextInt(4) == 0 && first < count) {
                        first += random.nextInt(Math.min(5, count - first)) + 1;
                    }
                    ack(first);
                }
                case 3 -> {
                    delivery.clear();
                    sent.acknowledge(START + first * MSS, delivery);
                    final int from = first + random.nextInt(count - first + 1);
                    final int to = Math.min(count, from + random.nextInt(12));
                    if (from > first) {
                        sack(from, to);
                        java.util.Arrays.fill(model, from, Math.max(from, to), 'S');
                    }
                }
                case 4 -> {
                    final int number = sent.firstLost();
                    if (number >= 0) {
                        model[(sent.endOf(number) - START) / MSS - 1] = 'R';
                        sent.sentAgain(number, now);
                    }
                }
                default -> {
                    final long horizon = now - random.nextInt(60);
                    sent.detectLosses(horizon, START, 10, now);
                    final String text = sent.toString();
                    for (int i = 0; i < text.length(); i++) {
                        if (text.charAt(i) == 'L') {
                            assertTrue(model[first + i] != 'S', "what arrived is not lost");
                            model[first + i] = 'L';
                        }
                    }
                }
            }
            if (step % 64 == 0) {
                assertEquals(new String(model, first, count - first), sent.toString());
                assertEquals(count(sent.toString(), 'S') * MSS, sent.sackedBytes());
                assertEquals(count(sent.toString(), 'L') * MSS, sent.lostBytes());
                assertEquals(sent.toString().indexOf('L') >= 0, sent.anyLost());
            }
        }
    }

    private static int count(final String text, final char letter) {
        return (int) text.chars().filter(c -> c == letter).count();
    }
}
