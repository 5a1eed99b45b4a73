package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that programs set as a matter of course. */
final class AgentOptionsTest extends AgentCallsTest {
    @ParameterizedTest
    @ValueSource(ints = {12, 36, 46}) // SO_PRIORITY, SO_MARK, SO_BUSY_POLL
    void shouldKeepAndTellWhatNothingOfOursLooksAt(int option) {
        expect("3 0", "socket 2 1 0");
        expect("0 0 00000000", "getsockopt 3 1 " + option + " 4");
        expect("0 0", "setsockopt 3 1 " + option + " 05000000");
        expect("0 0 05000000", "getsockopt 3 1 " + option + " 4");
        expect("-1 22", "setsockopt 3 1 " + option + " 05");
    }

    @Test
    void shouldTellThatCongestionControlHasNothingToTell() {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "getsockopt 3 6 26 20"); // TCP_CC_INFO
        expect("-1 92", "setsockopt 3 6 26 01000000");
        expect("-1 22", "setsockopt 3 6 26 01");
    }

    @Test
    void shouldTellWhatWaitsInTheBuffersOfAStream() {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 1 7 00000100"); // SO_SNDBUF of 64 KiB
        expect("0 0", "setsockopt 3 1 8 00000200"); // SO_RCVBUF of 128 KiB
        final String none = "00000000";
        final String buffers = "00000400" + none + "00000200" + none;
        expect("0 0 " + none + buffers + none.repeat(4), "getsockopt 3 1 55 100"); // SO_MEMINFO
        expect("0 0 " + none + "00000400", "getsockopt 3 1 55 8");
        expect("-1 92", "setsockopt 3 1 55 01000000");
        expect("0 0", "bind 3 10.0.0.1 99");
        expect("0 0", "listen 3 1");
        expect("0 0 " + none + "00000400", "getsockopt 3 1 55 8");
        expect("4 0", "socket 2 1 0");
        expect("0 0", "connect 4 10.0.0.1 99");
        assertTrue(rig.ask("accept 3").startsWith("5 0 "));
        expect("1000 0", "send 4 1000 0");
        expect("1 0 1", "poll 5 1 -1");
        expect("0 0 e8030000" + "00000400", "getsockopt 5 1 55 8");
        expect("1000 0", "recv 5 1000 0");
        expect("0 0 " + none + "00000400", "getsockopt 5 1 55 8");
    }

    @Test
    void shouldTellNothingOfBuffersOfDatagrams() {
        expect("3 0", "socket 2 2 0");
        expect("-1 92", "getsockopt 3 1 55 36");
    }

    @Test
    void shouldPollForNoNegativeTime() {
        expect("3 0", "socket 2 1 0");
        expect("-1 22", "setsockopt 3 1 46 ffffffff");
    }
}
