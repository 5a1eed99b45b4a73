package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.PacketCapture;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Whether a host of ours acknowledged what it had received and nothing else, by a capture of all that it received. */
final class Acknowledgments {
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    /** What came behind a gap, from each beginning to its end. */
    private final TreeMap<Long, Long> later = new TreeMap<>();

    /** Up to here everything came. */
    private long complete;

    private Acknowledgments() {}

    /** Asserts it for all connections. */
    static void assertOnlyForWhatCame(PacketCapture capture) throws IOException, InterruptedException {
        final Map<String, Acknowledgments> streams = new HashMap<>();
        int checked = 0;
        for (final String segment : capture.segments()) {
            final String[] fields = segment.split("\t", -1);
            final Acknowledgments stream = streams.computeIfAbsent(fields[0], name -> new Acknowledgments());
            final int flags = Integer.decode(fields[5]);
            if (!fields[1].equals(OurHost.MAC)) {
                stream.came(relative(fields[2]), Long.parseLong(fields[3]), flags);
            } else if ((flags & (ACK | RST)) == ACK) {
                assertTrue(
                        relative(fields[4]) <= stream.complete,
                        () -> "acknowledged, but not received: " + segment + ", but up to " + stream.complete + " and "
                                + stream.later);
                checked++;
            }
        }
        assertTrue(checked > 0, "no acknowledgments");
    }

    /** What is before the first segment that was seen, since that overtook others, is negative. */
    private static int relative(String number) {
        return Integer.parseUnsignedInt(number);
    }

    private void came(long seq, long length, int flags) {
        final long end = seq + length + ((flags & SYN) != 0 ? 1 : 0) + ((flags & FIN) != 0 ? 1 : 0);
        later.merge(seq, end, Math::max);
        while (!later.isEmpty() && later.firstKey() <= complete) {
            complete = Math.max(complete, later.pollFirstEntry().getValue());
        }
    }
}
