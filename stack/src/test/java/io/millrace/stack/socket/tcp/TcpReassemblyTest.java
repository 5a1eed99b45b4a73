package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Segments in any order that overlap in any way. */
class TcpReassemblyTest {
    private static final int LENGTH = 200;

    private static String text(final int from, final int to) {
        final StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append((char) ('!' + i % 90));
        }
        return text.toString();
    }

    private static TcpHarness established() {
        final TcpHarness h = new TcpHarness(TcpHarness.plain().sack(true).build());
        h.listen(1);
        h.send(Seg.syn(0).mss(1460).sackOk(true));
        h.expect(Seg.synAck(0, 1).sackOk(true));
        h.send(Seg.ack(1, 1));
        return h;
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    @Origin("RFC 2018 4")
    @Origin("RFC 2883 4")
    void shouldAcknowledgeAndDeliverAllThatIsThereHoweverSegmentsOverlap() {
        final SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 300; round++) {
            try (TcpHarness h = established()) {
                transfer(h, random);
            }
        }
    }

    private static void transfer(final TcpHarness h, final SplittableRandom random) {
        final BitSet there = new BitSet();
        final StringBuilder read = new StringBuilder();
        while (there.nextClearBit(0) < LENGTH) {
            final int from = random.nextInt(LENGTH);
            final int to = Math.min(LENGTH, from + 1 + random.nextInt(LENGTH / 3));
            final BitSet twice = new BitSet();
            twice.set(from, to);
            twice.and(there);
            there.set(from, to == LENGTH ? LENGTH + 1 : to); // with the number of the FIN
            h.send(to == LENGTH ? Seg.fin(1 + from, 1).text(text(from, to)) : Seg.data(1 + from, 1, text(from, to)));
            if (random.nextInt(4) == 0) {
                read.append(h.read());
            }
            h.advance(50_000); // for a delayed acknowledgment
            final List<Seg> answers = h.takeSent();
            final int reached = there.nextClearBit(0);
            final Seg last = answers.getLast();
            assertEquals(1 + reached, last.ack);
            if (!twice.isEmpty()) {
                // What came twice, the first part of it, may be told by the first answer only.
                final int[] sacks = answers.getFirst().sacks;
                assertTrue(sacks.length >= 2, () -> "no block tells of " + twice);
                assertEquals(1 + twice.nextSetBit(0), sacks[0]);
                assertEquals(1 + twice.nextClearBit(twice.nextSetBit(0)), Math.min(sacks[1], 1 + LENGTH));
            }
            blocksAreThere(last, there, reached);
        }
        read.append(h.read());
        assertEquals(text(0, LENGTH), read.toString());
        assertEquals(TcpState.CLOSE_WAIT, h.state());
    }

    private static void blocksAreThere(final Seg answer, final BitSet there, final int reached) {
        for (int i = 0; i < answer.sacks.length; i += 2) {
            final int from = answer.sacks[i] - 1;
            final int to = answer.sacks[i + 1] - 1;
            assertTrue(there.nextClearBit(from) >= to, () -> answer + " tells of what is not there");
            if (i > 0 && from >= reached) {
                assertEquals(there.nextClearBit(from), to, () -> answer + " tells of a part");
            }
        }
    }
}
