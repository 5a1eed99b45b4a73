package io.millrace.bench.fuzz;

import io.millrace.dataplane.filter.FilterException;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import java.nio.charset.StandardCharsets;

/** Text, up to a zero byte, into the compiler of filters, and the bytes behind it through what it makes of them. */
public final class FilterFuzz {
    private static final Scratch SCRATCH = new Scratch();

    private FilterFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        int end = 0;
        while (end < input.length && input[end] != 0) {
            end++;
        }
        final String expression = new String(input, 0, end, StandardCharsets.ISO_8859_1);
        SCRATCH.put(input, Math.min(end + 1, input.length));
        match(expression, Medium.ETHERNET);
        match(expression, Medium.IP);
    }

    private static void match(final String expression, final Medium medium) {
        final PacketFilter filter;
        try {
            filter = PacketFilter.compile(expression, medium);
        } catch (final FilterException e) {
            return; // no filter: that is what it is there to say
        }
        final PacketFilter.Matcher matcher = filter.matcher();
        final boolean first = matcher.matches(SCRATCH.memory(), SCRATCH.offset(), SCRATCH.length());
        if (first != matcher.matches(SCRATCH.memory(), SCRATCH.offset(), SCRATCH.length())) {
            throw new AssertionError(expression + " is of two minds");
        }
    }
}
