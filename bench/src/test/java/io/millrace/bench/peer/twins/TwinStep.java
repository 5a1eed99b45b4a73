package io.millrace.bench.peer.twins;

import io.millrace.bench.peer.twins.TwinSegments.Defect;
import io.millrace.bench.peer.twins.TwinSegments.Sent;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Reads steps that are segments of the peer's.
 *
 * <pre>
 * seg FLAGS SEQ ACK LENGTH WINDOW OPTION...
 * </pre>
 *
 * <p>FLAGS are the letters of {@link TwinSegments#flags}. SEQ is {@code nxt} (what the twin acknowledged), {@code edge}
 * (of its window) or {@code iss} (the peer's first), ACK {@code una} (what the peer acknowledged), {@code max} (the end
 * of what the twin sent) or {@code iss} (the twin's first), each with a distance: {@code nxt+0}, {@code una-1}. Options
 * are {@code mss=N}, {@code ws=N}, {@code sackok}, {@code ts=N} (N above the peer's first timestamp, echoing the twin's
 * last), {@code ecr=N} (what is echoed is so much more), {@code sack=ACK:ACK}, {@code urg=N}, {@code raw=HEX}, and
 * {@code bad=DEFECT}.
 */
final class TwinStep {
    /** Where the options begin among the words. */
    static final int OPTIONS = 6;

    /** Most bytes of options. */
    private static final int ROOM = 40;

    private TwinStep() {}

    /**
     * The segment that a step is.
     *
     * @param words of the step
     * @param twin whom it is for: what it acknowledges is noted there
     */
    static Sent segment(String[] words, Twin twin) {
        final int flags = TwinSegments.flags(words[1]);
        final int seq = twin.sequence(base(words[2]), distance(words[2]));
        final boolean acknowledges = (flags & TwinSegments.ACK) != 0;
        final int ack = twin.acknowledgment(base(words[3]), distance(words[3]));
        final ByteBuffer options = ByteBuffer.allocate(200);
        Defect defect = Defect.NONE;
        int urgent = 0;
        int echoed = 0;
        for (int i = OPTIONS; i < words.length; i++) {
            if (words[i].startsWith("ecr=")) {
                echoed = Integer.parseInt(words[i].substring(4));
            }
        }
        for (int i = OPTIONS; i < words.length; i++) {
            final String[] halves = words[i].split("=", 2);
            switch (halves[0]) {
                case "mss" -> options.put((byte) 2).put((byte) 4).putShort((short) Integer.parseInt(halves[1]));
                case "ws" -> options.put((byte) 1).put((byte) 3).put((byte) 3).put(Byte.parseByte(halves[1]));
                case "sackok" -> options.putShort((short) 0x0101).put((byte) 4).put((byte) 2);
                case "ts" ->
                    options.putShort((short) 0x0101)
                            .put((byte) 8)
                            .put((byte) 10)
                            .putInt(Twin.FIRST_TIMESTAMP + Integer.parseInt(halves[1]))
                            .putInt(acknowledges ? twin.timestamp() + echoed : 0);
                case "sack" -> {
                    final String[] edges = halves[1].split(":", -1);
                    options.putShort((short) 0x0101).put((byte) 5).put((byte) (2 + 4 * edges.length));
                    for (final String edge : edges) {
                        options.putInt(twin.acknowledgment(base(edge), distance(edge)));
                    }
                }
                case "raw" -> options.put(HexFormat.of().parseHex(halves[1]));
                case "urg" -> urgent = Integer.parseInt(halves[1]);
                case "bad" -> defect = Defect.valueOf(halves[1]);
                default -> {
                    // What is echoed was read before.
                }
            }
        }
        options.flip().limit(Math.min(ROOM, options.limit()));
        if (acknowledges && (flags & TwinSegments.RST) == 0 && defect == Defect.NONE) {
            twin.acknowledged(ack);
        }
        return new Sent(
                seq,
                acknowledges ? ack : 0,
                flags,
                Integer.parseInt(words[5]),
                urgent,
                options,
                Integer.parseInt(words[4]),
                defect);
    }

    private static String base(String number) {
        return number.substring(0, 3).equals("edg") ? "edge" : number.substring(0, 3);
    }

    /** How far a number is from what it is named by. */
    static int distance(String number) {
        return Integer.parseInt(number.substring(base(number).length()).replace("+", ""));
    }
}
