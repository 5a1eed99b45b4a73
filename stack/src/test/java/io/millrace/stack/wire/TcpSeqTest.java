package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

class TcpSeqTest {
    @Test
    @Origin("RFC 9293 3.4")
    void shouldCompareAcrossTheWrap() {
        assertTrue(TcpSeq.lt(0xFFFF_FFF0, 5));
        assertTrue(TcpSeq.gt(5, 0xFFFF_FFF0));
        assertTrue(TcpSeq.le(7, 7));
        assertTrue(TcpSeq.ge(7, 7));
        assertFalse(TcpSeq.lt(7, 7));
        assertEquals(21, TcpSeq.diff(5, 0xFFFF_FFF0));
        assertEquals(5, TcpSeq.max(0xFFFF_FFF0, 5));
        assertEquals(0xFFFF_FFF0, TcpSeq.min(0xFFFF_FFF0, 5));
    }

    @Test
    void shouldTellWhatLiesInAWindowAcrossTheWrap() {
        assertTrue(TcpSeq.within(0xFFFF_FFF0, 0xFFFF_FFF0, 32));
        assertTrue(TcpSeq.within(15, 0xFFFF_FFF0, 32));
        assertFalse(TcpSeq.within(16, 0xFFFF_FFF0, 32));
        assertFalse(TcpSeq.within(0xFFFF_FFEF, 0xFFFF_FFF0, 32));
        assertFalse(TcpSeq.within(3, 3, 0));
    }
}
