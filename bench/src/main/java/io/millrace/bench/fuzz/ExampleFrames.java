package io.millrace.bench.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Inputs to start from for the targets that complete what the engine makes up. */
final class ExampleFrames {
    private static final int STEP = 12; // 2^12 us
    private static final int BODY = 64;

    private ExampleFrames() {}

    /** Datagrams of three fragments, in order and not, that overlap and that never end. */
    static void fragments(final Path folder) throws IOException {
        for (int family = 0; family < 2; family++) {
            final int more = family | 0x20;
            write(folder, "in-order-" + family, new int[][] {{more, 0, 0, 4}, {more, 0, 4, 4}, {family, 0, 8, 1}});
            write(folder, "reversed-" + family, new int[][] {{family, 0, 8, 1}, {more, 0, 4, 4}, {more, 0, 0, 4}});
            write(folder, "overlap-" + family, new int[][] {{more, 0, 0, 4}, {more, 0, 3, 4}, {family, 0, 8, 1}});
            write(folder, "far-" + family, new int[][] {{more, 0, 0, 4}, {family | 0x40, 0x1F, 0xFF, 180}});
        }
    }

    /** One message of each kind from each of two stations, without options and with the link address of the sender. */
    static void neighbors(final Path folder) throws IOException {
        for (int kind = 0; kind < 8; kind++) {
            write(folder, "bare-" + kind, new int[][] {{kind, 0x04}, {kind, 0x49}});
            write(folder, "option-" + kind, new int[][] {
                {kind, 0x08, 1, 1, 2, 0, 0, 0, 0, 0x10}, {kind, 0x0D, 2, 1, 2, 0, 0, 0, 0, 0x11}
            });
        }
    }

    /** A packet of each kind and family. */
    static void sockets(final Path folder) throws IOException {
        for (int kind = 0; kind < 7; kind++) {
            for (int family = 0; family < 2; family++) {
                final int[] frame = new int[1 + BODY];
                frame[0] = kind | family << 7;
                // An echo reply, and an error about what was sent from port 7 or with identifier 7.
                frame[1] = kind < 2 ? family == 0 ? 0 : 129 : 0;
                frame[6] = 7;
                frame[8] = 7;
                frame[12] = 7;
                write(folder, "kind-" + kind + "-" + family, new int[][] {frame, frame});
            }
        }
    }

    /** A short and a long packet of each family, with each kind of option, whole and in fragments. */
    static void forwarding(final Path folder) throws IOException {
        for (int which = 0; which < 64; which++) {
            final int[] frame = {which, 0, 4, 0x94, 4, 0, 0, 5, 2, 0, 1, 0};
            final int[] longest = frame.clone();
            longest[2] = 0xFF;
            write(folder, "packet-" + which, new int[][] {frame, longest});
        }
    }

    private static void write(final Path folder, final String name, final int[][] frames) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (final int[] frame : frames) {
            final byte[] bytes = new byte[frame.length];
            for (int i = 0; i < frame.length; i++) {
                bytes[i] = (byte) frame[i];
            }
            Conversation.write(out, bytes, STEP);
        }
        Files.write(folder.resolve(name), out.toByteArray());
    }
}
