package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FaultTextTest {
    @Test
    void shouldReadEveryFault() {
        assertEquals(
                Faults.builder()
                        .loss(0.01)
                        .corruption(0.005)
                        .mutation(1)
                        .duplication(0.02)
                        .reorder(0.05, 2_000)
                        .delay(10_000, 1_500)
                        .longest(576)
                        .rate(5_000, 64)
                        .build(),
                FaultText.parse("loss=1%, corrupt=0.005,mutate=100%,duplicate=2%,reorder=5%@2ms,delay=10ms~1.5ms,"
                        + "longest=576,rate=5000:64"));
        assertEquals(
                Faults.builder()
                        .reorder(0.5, 1_000)
                        .delay(2_000_000, 0)
                        .rate(7, 1)
                        .build(),
                FaultText.parse("reorder=0.5,delay=2s,rate=7"));
        assertEquals(Faults.NONE, FaultText.parse("none"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "loss=0.000001",
                "loss=0.01,corrupt=1,mutate=0.25,duplicate=0.125,reorder=0.05@2000us,delay=10us~3us,longest=9,rate=1:2",
                "delay=0us~5us"
            })
    void shouldWriteWhatItReads(final String text) {
        assertEquals(text, FaultText.of(FaultText.parse(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "loss            | 'loss' is no fault",
                "loss=           | 'loss=' is no fault",
                "loss=1%,        | '' is no fault",
                "los=1%          | there is no fault 'los'",
                "loss=2          | loss=2 is no probability",
                "loss=101%       | loss=101% is no probability",
                "loss=-1         | loss=-1 is no probability",
                "delay=5         | '5' in delay is no time",
                "delay=5ms~      | '' in delay is no time",
                "reorder=1%@0us  | the first two are at least 1",
                "rate=0          | '0' in rate is out of range",
                "rate=5:0        | '0' in rate is out of range",
                "longest=abc     | 'abc' in longest is out of range"
            })
    void shouldSayWhatIsWrong(final String text, final String part) {
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> FaultText.parse(text));
        assertTrue(String.valueOf(e.getMessage()).contains(part), e::getMessage);
    }
}
