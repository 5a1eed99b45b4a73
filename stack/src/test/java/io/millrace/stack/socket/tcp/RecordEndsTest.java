package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RecordEndsTest {
    @Test
    void shouldFindTheNextEndWhereverThoseBeforeWereForgotten() {
        final RecordEnds ends = new RecordEnds();
        for (int i = 1; i <= 5000; i++) {
            ends.add(10L * i, 10L * (i - 20));
        }
        assertEquals(50_000, ends.after(49_990));
        assertEquals(49_990, ends.after(49_989));
        assertEquals(Long.MAX_VALUE, ends.after(50_000));
        ends.add(50_001, 50_000);
        assertEquals(50_001, ends.after(0));
    }

    @Test
    void shouldKeepTheFirstEndsWhenThereAreTooMany() {
        final RecordEnds ends = new RecordEnds();
        for (int i = 1; i <= RecordEnds.MOST + 1; i++) {
            ends.add(i, 0);
        }
        assertEquals(1, ends.after(0));
        assertEquals(RecordEnds.MOST, ends.after(RecordEnds.MOST - 1));
        assertEquals(Long.MAX_VALUE, ends.after(RecordEnds.MOST));
    }

    @Test
    void shouldBeginASegmentWhereARecordBegins() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("ab");
            h.socket().endRecord();
            h.write("cd");
            h.socket().endRecord();
            h.socket().endRecord();
            h.poll();
            h.expect(Seg.data(1, 1, "ab"));
            h.expectNothing(); // Nagle's algorithm
            h.write("ef");
            h.poll();
            h.expect(Seg.data(3, 1, "cd"));
            h.expectNothing();
            h.send(Seg.ack(1, 5));
            h.expect(Seg.data(5, 1, "ef"));
        }
    }

    @Test
    void shouldSendRecordsApartAgain() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 4096)) {
            h.socket().options().noDelay(true);
            h.write("ab");
            h.socket().endRecord();
            h.write("cd");
            h.expect(Seg.data(1, 1, "ab"));
            h.expect(Seg.data(3, 1, "cd"));
            h.advance(1_000_000);
            h.expect(Seg.data(1, 1, "ab"));
            h.send(Seg.ack(1, 3));
            h.expect(Seg.data(3, 1, "cd"));
        }
    }
}
