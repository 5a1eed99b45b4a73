package io.millrace.bench.peer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes up socket calls. Sockets are called by places, {@code @0} and so on; "@2 = accept @1" puts what is opened there. D is
 * the family, A an address of the host, P, Q and R are ports.
 */
final class SequenceSteps {
    private static final int PLACES = 6;
    private static final String[] PORTS = {"P", "P", "P", "Q", "R"};
    private static final String[] ADDRESSES = {"A", "A", "A", "A", "ANY"};
    private static final int[] LENGTHS = {0, 1, 5, 100, 100, 3_000, 10_000};
    private static final String[] RECEIVE_FLAGS = {
        "0", "0", "0", "0x40", "0x2", "0x42", "0x100", "0x102", "0x20", "0x140"
    };
    private static final String[] RECEIVERS = {"recv ", "recv ", "recvfrom ", "recvmsg "};
    private static final String[] SEND_FLAGS = {"0", "0", "0", "0x40", "0x8000", "0x80"};
    private static final String[] OPTIONS = {
        "1 2 01000000",
        "1 2 00000000",
        "1 15 01000000",
        "1 13 0100000000000000",
        "1 13 0000000000000000",
        "1 13 0100000001000000",
        "1 9 01000000",
        "1 18 0a000000",
        "1 18 01000000",
        "1 20 000000000000000050c30000000000",
        "1 20 00000000000000004031000000000000",
        "6 1 01000000",
        "6 3 01000000",
        "6 3 00000000",
        "6 9 01000000",
        "6 18 e8030000",
        "6 8 b80b0000",
        "6 9 00000000",
        "6 12 00000000",
        "1 10 01000000",
        "0 24 01000000",
        "41 26 01000000",
    };

    private SequenceSteps() {}

    static List<String> make(SplittableRandom random, int count) {
        final List<String> steps = new ArrayList<>();
        // Most begin with a pair that is connected, or nearly.
        if (random.nextInt(4) > 0) {
            steps.add("@0 = socket D " + kind(random, 1) + " 0");
            steps.add("bind @0 A P");
            steps.add("listen @0 " + random.nextInt(4));
            steps.add("@1 = socket D " + kind(random, 1) + " 0");
            steps.add("connect @1 A P");
            if (random.nextInt(4) > 0) {
                steps.add("@2 = accept @0");
            }
        }
        while (steps.size() < count) {
            steps.add(step(random));
        }
        return steps;
    }

    private static String kind(SplittableRandom random, int type) {
        return Integer.toString(type | (random.nextInt(2) == 0 ? 0x800 : 0));
    }

    private static String step(SplittableRandom random) {
        final String place = "@" + random.nextInt(PLACES);
        return switch (random.nextInt(40)) {
            case 0, 1, 2 -> place + " = socket D " + kind(random, random.nextInt(5) == 0 ? 2 : 1) + " 0";
            case 3, 4 -> "bind " + place + " " + any(random, ADDRESSES) + " " + any(random, PORTS);
            case 5, 6, 7 -> "connect " + place + " A " + any(random, PORTS);
            case 8 -> "connect " + place + " unspec 0";
            case 9, 10 -> "listen " + place + " " + random.nextInt(4);
            case 11, 12, 13 -> "@" + random.nextInt(PLACES) + " = accept " + place;
            case 14, 15, 16, 17, 18, 19 -> receive(random, place, LENGTHS[random.nextInt(LENGTHS.length)]);
            case 20, 21, 22, 23, 24, 25 ->
                "send " + place + " " + LENGTHS[random.nextInt(LENGTHS.length)] + " " + any(random, SEND_FLAGS);
            case 26 -> "sendto " + place + " " + LENGTHS[random.nextInt(LENGTHS.length)] + " 0 A " + any(random, PORTS);
            case 27, 28 -> "shutdown " + place + " " + random.nextInt(3);
            case 29, 30 -> "close " + place;
            case 31 -> "fcntl " + place + " 4 " + (random.nextBoolean() ? "0x800" : "0");
            case 32, 33 -> "getsockopt " + place + " 1 4 4";
            case 34, 35, 36 -> "setsockopt " + place + " " + any(random, OPTIONS);
            case 37 -> random.nextBoolean() ? "getpeername " + place : "ioctl " + place + " 0x8905";
            case 38 -> "poll " + place + " " + (1 << random.nextInt(4)) + " -1";
            default -> "poll " + place + " 0x2005 " + (random.nextBoolean() ? "-1" : "0");
        };
    }

    private static String receive(SplittableRandom random, String place, int length) {
        final String name = any(random, RECEIVERS);
        // Linux lets whoever waits for no bytes go without the error that comes then.
        return name + place + " " + length + " " + (length == 0 ? "0x40" : any(random, RECEIVE_FLAGS));
    }

    private static String any(SplittableRandom random, String[] of) {
        return of[random.nextInt(of.length)];
    }
}
