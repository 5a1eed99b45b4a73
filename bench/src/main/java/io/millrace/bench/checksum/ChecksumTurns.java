package io.millrace.bench.checksum;

import io.millrace.dataplane.checksum.InternetChecksum;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * The measurement of one length, in a JVM of its own: otherwise the code for one length would be compiled with what was
 * seen of the others. Prints the fields of a {@link ChecksumResult}, separated by spaces.
 */
final class ChecksumTurns {
    private static final int TURNS = 1501;
    private static final int WARM_UP_TURNS = 5000;

    /** Bytes that a turn sums, with 40 more a packet for what each costs; about 50 to 100 microseconds. */
    private static final int TURN_BYTES = 500_000;

    private ChecksumTurns() {}

    /**
     * Measures.
     *
     * @param args the length, whether addresses are odd, and the library with the reference if there is one
     */
    public static void main(final String[] args) {
        final int length = Integer.parseInt(args[0]);
        final boolean odd = Boolean.parseBoolean(args[1]);
        final RawCksum reference = args.length > 2 ? RawCksum.load(Path.of(args[2])) : null;
        final ChecksumPackets packets = new ChecksumPackets(odd);
        final int rounds = Math.max(ChecksumPackets.COUNT, TURN_BYTES / (length + 40));
        long kept = 0;
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            kept += packets.sum(rounds, length);
        }
        final double[] ours = new double[TURNS];
        final double[] theirs = new double[TURNS];
        final double[] ratios = new double[TURNS];
        for (int i = 0; i < TURNS; i++) {
            final long start = System.nanoTime();
            kept += packets.sum(rounds, length);
            final long middle = System.nanoTime();
            ours[i] = (double) (middle - start) / rounds;
            if (reference != null) {
                kept += packets.sum(reference, rounds, length);
                theirs[i] = (double) (System.nanoTime() - middle) / rounds;
                ratios[i] = theirs[i] / ours[i];
            }
        }
        if (kept == 1) {
            // Cannot be known beforehand, so nothing above can be left out.
            System.err.println(kept);
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%d %b %s %.3f %.3f %.3f",
                length,
                odd,
                InternetChecksum.implementation(),
                median(ours),
                median(theirs),
                median(ratios)));
    }

    private static double median(final double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
