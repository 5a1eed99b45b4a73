package io.millrace.bench.fuzz;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.PacketCheck;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.text.PacketText;
import java.lang.foreign.MemorySegment;

/** Headers into the parsers of each protocol; the first byte of an input chooses which. */
public final class WireFuzz {
    private static final int MAX_LINE = 512;

    private static final Scratch SCRATCH = new Scratch();
    private static final PacketCheck CHECK = new PacketCheck();
    private static final TcpRepr TCP = new TcpRepr();
    private static final TcpRepr TCP_AGAIN = new TcpRepr();

    private WireFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length < 1) {
            return;
        }
        SCRATCH.put(input, 1);
        final MemorySegment memory = SCRATCH.memory();
        final long offset = SCRATCH.offset();
        final int length = SCRATCH.length();
        switch (input[0] & 7) {
            case 0 -> CHECK.problem(Medium.ETHERNET, memory, offset, length);
            case 1 -> CHECK.problem(Medium.IP, memory, offset, length);
            case 2 -> ipv4Options(memory, offset, length);
            case 3 -> text(Medium.ETHERNET, memory, offset, length);
            case 4 -> text(Medium.IP, memory, offset, length);
            default -> tcp(memory, offset, length);
        }
    }

    /** Whatever a packet holds, its line is one line, and not without end. */
    private static void text(final Medium medium, final MemorySegment memory, final long offset, final int length) {
        final String text = PacketText.of(memory, offset, length, medium);
        if (text.indexOf('\n') >= 0 || text.length() > MAX_LINE + 4 * length) {
            throw new AssertionError("a packet of " + length + " bytes became: " + text);
        }
    }

    private static void ipv4Options(final MemorySegment memory, final long offset, final int length) {
        if (Ipv4View.check(memory, offset, length) == Ipv4View.VALID) {
            Ipv4View.checkOptions(memory, offset);
        }
    }

    /** What a parsed header writes must be parsed to the same again, as far as the options fit. */
    private static void tcp(final MemorySegment memory, final long offset, final int length) {
        if (!TCP.parse(memory, offset, length) || TCP.headerLength() > length || TCP.headerLength() > 60) {
            return;
        }
        TCP.emit(memory, offset);
        if (!TCP_AGAIN.parse(memory, offset, length)
                || TCP.seq != TCP_AGAIN.seq
                || TCP.ack != TCP_AGAIN.ack
                || TCP.flags != TCP_AGAIN.flags
                || TCP.mss != TCP_AGAIN.mss
                || TCP.windowShift != TCP_AGAIN.windowShift
                || TCP.sackCount != TCP_AGAIN.sackCount
                || TCP.timestamps != TCP_AGAIN.timestamps) {
            throw new AssertionError("a TCP header changed on its way through emit and parse");
        }
    }
}
