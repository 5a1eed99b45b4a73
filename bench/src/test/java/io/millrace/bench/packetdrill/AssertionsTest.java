package io.millrace.bench.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AssertionsTest {
    private final Map<String, Double> names = new HashMap<>(Map.of("cwnd", 10.0, "rtt", 100.0));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "assert cwnd in (9, 10)",
                "assert cwnd not in [1, 2]",
                "assert cwnd in {10,}",
                "assert cwnd in range(11) and cwnd in range(10, 11) and cwnd not in range(1, 10)",
                "assert not cwnd in ()",
                "assert +cwnd == - -10",
                "assert (1 if cwnd == 10 else 0) == 1",
                "x = 3 if rtt < 50 else 4; assert x == 4",
                "assert (cwnd == 10 and # the first line\n    rtt == 100)",
                "assert min(cwnd,\n  rtt) == 10, (cwnd,\n  rtt)",
                "assert cwnd == 10, 'a; b # c'",
                "assert cwnd == 10, f'cwnd {cwnd}'",
                "assert cwnd == 10, 'cwnd=%d' % cwnd",
                "x = 2\nx += 3\nx *= 4\nx -= 2\nx //= 4\nx <<= 3\nx |= 1\nassert x == 33",
                "x = 17; x %= 10; x **= 2; x ^= 1; x &= 0xF0; x /= 16; assert x == 3",
                "assert 2 ** 3 ** 2 == 512 and cwnd != 9 <= rtt",
            })
    void shouldHold(final String code) {
        Assertions.run(code, names);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        assert cwnd in (1, 2), cwnd     | AssertionError: 10 in 'assert cwnd in (1, 2), cwnd'
        assert cwnd == 1, (cwnd, rtt)   | AssertionError: 10 100 in 'assert cwnd == 1, (cwnd, rtt)'
        assert (cwnd == 10              | SyntaxError: ')' is wanted where the code ends
        assert cwnd == 10]              | SyntaxError: unmatched ']' in 'assert cwnd == 10]'
        assert cwnd ==                  | SyntaxError: a value is wanted where the code ends
        assert cwnd == 1, 'cwnd'        | AssertionError in 'assert cwnd == 1, 'cwnd''
        assert cwnd == 1, f'{cwnd}'     | AssertionError in 'assert cwnd == 1, f'{cwnd}''
        x = 1; x += 1; assert x == 1, x | AssertionError: 2 in 'assert x == 1, x'
        """)
    void shouldNotHold(final String code, final String report) {
        assertEquals(
                report,
                assertThrows(MismatchException.class, () -> Assertions.run(code, names))
                        .text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "y += 1",
                "assert cwnd == 10 rtt",
                "assert cwnd in 10",
                "assert cwnd is not None",
                "assert (1 if cwnd)",
                "assert cwnd not 3",
                "for i in range(3): pass",
                "if cwnd: x = 1",
                "1 += 2",
                "cwnd",
            })
    void shouldSayThatItIsMorePythonThanIsKnown(final String code) {
        assertThrows(UnsupportedCallException.class, () -> Assertions.run(code, names));
    }

    @Test
    void shouldKeepVariablesFromOneSnippetToTheNext() {
        final String script = """
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 %%{ before = tcpi_snd_cwnd }%%
            +0 setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0
            +0 %%{ before += 1; assert before == tcpi_snd_cwnd + %d, before }%%
            """;
        Scripts.assertPasses(script.formatted(1));
        Scripts.assertReports(
                Verdict.FAIL,
                "a.pkt:4: AssertionError: 1 in 'assert before == tcpi_snd_cwnd + 2, before'",
                script.formatted(2));
    }
}
