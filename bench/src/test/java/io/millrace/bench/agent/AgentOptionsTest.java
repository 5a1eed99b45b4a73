package io.millrace.bench.agent;

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
    void shouldPollForNoNegativeTime() {
        expect("3 0", "socket 2 1 0");
        expect("-1 22", "setsockopt 3 1 46 ffffffff");
    }
}
