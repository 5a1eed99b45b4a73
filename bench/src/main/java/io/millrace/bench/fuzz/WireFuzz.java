package io.millrace.bench.fuzz;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.PacketCheck;
import io.millrace.stack.wire.text.PacketText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Headers into the parsers of each protocol; the first byte of an input chooses which. */
public final class WireFuzz {
    private static final int MAX_LINE = 512;

    /** What the first byte chooses before it comes to the headers of {@link HeaderFuzz}. */
    private static final int OTHERS = 5;

    private static final Scratch SCRATCH = new Scratch();
    private static final PacketCheck CHECK = new PacketCheck();
    private static final HeaderFuzz HEADERS = new HeaderFuzz();
    private static final HeaderFuzz.Kind[] KINDS = HeaderFuzz.Kind.values();

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
        final int which = (input[0] & 0xFF) % (OTHERS + KINDS.length);
        switch (which) {
            case 0 -> CHECK.problem(Medium.ETHERNET, memory, offset, length);
            case 1 -> CHECK.problem(Medium.IP, memory, offset, length);
            case 2 -> ipv4Options(memory, offset, length);
            case 3 -> text(Medium.ETHERNET, memory, offset, length);
            case 4 -> text(Medium.IP, memory, offset, length);
            default -> HEADERS.roundTrip(KINDS[which - OTHERS], memory, offset, length);
        }
    }

    /** Writes a header of each kind as an input into a folder. */
    static void writeExamples(final Path folder) throws IOException {
        for (final HeaderFuzz.Kind kind : KINDS) {
            final ByteArrayOutputStream input = new ByteArrayOutputStream();
            input.write(OTHERS + kind.ordinal());
            input.writeBytes(kind.example());
            Files.write(folder.resolve(kind.name()), input.toByteArray());
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
}
