package io.millrace.bench.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.testkit.Frames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TracePrinterTest {
    /** 192.0.2.2 asks 192.0.2.1 for an echo. */
    private static final String ECHO = """
            020000000001 020000000002 0800
            4500001c 00004000 4001b6dd c0000202 c0000201
            0800e5ca 12340001
            """;

    private static final String ARP = """
            ffffffffffff 020000000002 0806
            0001 0800 06 04 0001 020000000002 c0000202 000000000000 c0000201
            """;

    private final StringWriter text = new StringWriter();

    private TracePrinter printer(boolean stations, String... words) {
        return new TracePrinter(new PrintWriter(text), ZoneOffset.UTC, List.of(words), stations);
    }

    private static void show(TracePrinter printer, String... frames) {
        for (final String frame : frames) {
            final MemorySegment memory = Frames.ofHex(frame);
            printer.packet("", Medium.ETHERNET, memory, 0, (int) memory.byteSize(), 86_399_000_007L);
        }
    }

    @Test
    void shouldPrintTimeAndPacketInALineEach() {
        final TracePrinter printer = printer(false);
        show(printer, ECHO, ARP);
        final List<String> lines = text.toString().lines().toList();
        assertEquals(2, lines.size());
        assertTrue(
                lines.get(0).startsWith("23:59:59.000007 IP 192.0.2.2 > 192.0.2.1: ICMP echo request, id 4660, seq 1"),
                text::toString);
        assertTrue(
                lines.get(1).startsWith("23:59:59.000007 ARP, Request who-has 192.0.2.1 tell 192.0.2.2"),
                text::toString);
        assertEquals(2, printer.seen());
        assertEquals(2, printer.shown());
    }

    @Test
    void shouldShowOnlyWhatHoldsEveryWord() {
        final TracePrinter printer = printer(false, "icmp", "192.0.2.1");
        show(printer, ECHO, ARP);
        assertEquals(1, printer.shown());
        assertEquals(2, printer.seen());
        assertEquals(1, text.toString().lines().count());
    }

    @Test
    void shouldNotTakeAPartForAWord() {
        final TracePrinter printer = printer(false, "192.0.2");
        show(printer, ECHO);
        final TracePrinter part = printer(false, "92.0.2.1");
        show(part, ECHO);
        assertEquals(0, part.shown());
        assertEquals(1, printer.shown(), "a dot ends a word, so that a network can be named");
    }

    @Test
    void shouldShowStationsWhenAskedTo() {
        show(printer(true, "02:00:00:00:00:02"), ECHO);
        assertTrue(text.toString().contains("02:00:00:00:00:02"), text::toString);
    }

    @Test
    void shouldNamePortsWhenThereAreSeveral() {
        final MemorySegment memory = Frames.ofHex(ARP);
        printer(false).packet("net_tap1", Medium.ETHERNET, memory, 0, (int) memory.byteSize(), 0);
        assertTrue(text.toString().startsWith("00:00:00.000000 net_tap1 ARP"), text::toString);
    }
}
