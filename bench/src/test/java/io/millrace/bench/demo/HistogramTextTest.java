package io.millrace.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class HistogramTextTest {
    @Test
    void shouldDrawABarForEachDoublingWhenThereAreValues() {
        final Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(70, 30);
        histogram.recordValueWithCount(130, 15);
        histogram.recordValue(2_500);
        final List<String> lines = print(histogram);
        assertEquals(7, lines.size());
        assertEquals("    64 us - 128 us    " + "#".repeat(40) + " 30", lines.get(0));
        assertEquals("   128 us - 256 us    " + "#".repeat(20) + " ".repeat(20) + " 15", lines.get(1));
        assertTrue(lines.get(5).startsWith("   2.0 ms - 4.1 ms    ## "), lines.get(5));
        assertTrue(lines.get(6).startsWith("p50 70 us   p90 130 us   p99 2.5 ms"), lines.get(6));
    }

    @Test
    void shouldSaySoWhenThereIsNothing() {
        assertEquals(List.of("nothing to show"), print(new Histogram(3)));
    }

    @Test
    void shouldPickTheUnitWhenTimesGrow() {
        assertEquals("999 us", HistogramText.micros(999));
        assertEquals("1.0 ms", HistogramText.micros(1_000));
        assertEquals("1.50 s", HistogramText.micros(1_500_000));
    }

    private static List<String> print(Histogram histogram) {
        final StringWriter text = new StringWriter();
        final PrintWriter out = new PrintWriter(text);
        HistogramText.print(out, "", histogram);
        out.flush();
        return text.toString().lines().toList();
    }
}
