package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A segment in a test's script. Numbers are relative: a side's SYN has sequence number 0, its first byte 1. What is not
 * set is not compared when a segment is expected.
 */
final class Seg {
    static final int UNSET = Integer.MIN_VALUE;

    int flags;
    int seq = UNSET;
    int ack = UNSET;
    int window = UNSET;
    int mss = UNSET;
    int windowShift = UNSET;

    @Nullable
    Boolean sackPermitted;

    @Nullable
    Boolean timestamps;

    int tsVal = UNSET;
    int tsEcr = UNSET;
    int[] sacks = new int[0];
    boolean sacksSet;
    byte[] payload = new byte[0];
    int length = UNSET;
    int urgent;
    /** Fast Open: the cookie in hexadecimal digits, empty for none; null for no option. */
    @Nullable
    String cookie;

    boolean cookieSet;
    boolean experimental;
    /** ECN bits of the IP header. */
    int ecn = UNSET;
    /** Kind of the option of Accurate ECN, and its counts as they are on the wire; null for none. */
    int @Nullable [] counts;

    boolean countsSet;

    private Seg(final int flags) {
        this.flags = flags;
    }

    static Seg syn(final int seq) {
        return new Seg(TcpView.SYN).seq(seq);
    }

    static Seg synAck(final int seq, final int ack) {
        return new Seg(TcpView.SYN | TcpView.ACK).seq(seq).ack(ack);
    }

    static Seg ack(final int seq, final int ack) {
        return new Seg(TcpView.ACK).seq(seq).withAck(ack);
    }

    static Seg data(final int seq, final int ack, final String text) {
        return ack(seq, ack).text(text);
    }

    static Seg fin(final int seq, final int ack) {
        return new Seg(TcpView.FIN | TcpView.ACK).seq(seq).withAck(ack);
    }

    static Seg rst(final int seq) {
        return new Seg(TcpView.RST).seq(seq);
    }

    static Seg rstAck(final int seq, final int ack) {
        return new Seg(TcpView.RST | TcpView.ACK).seq(seq).withAck(ack);
    }

    static Seg of(final int flags, final int seq) {
        return new Seg(flags).seq(seq);
    }

    /** A segment of ours as it went out. */
    static Seg of(final TcpRepr header, final byte[] payload, final int localIss, final int remoteIss) {
        final Seg segment = of(header.flags, header.seq - localIss);
        if (header.has(TcpView.ACK)) {
            segment.ack = header.ack - remoteIss;
        }
        segment.window = header.window;
        segment.urgent = header.urgent;
        segment.mss = header.mss;
        segment.windowShift = header.windowShift;
        segment.sackPermitted = header.sackPermitted;
        segment.timestamps = header.timestamps;
        segment.tsVal = header.tsVal;
        segment.tsEcr = header.tsEcr;
        segment.ecn = header.ecn;
        if (header.fastOpen >= 0) {
            final String digits = String.format("%016x%016x", header.cookieHi, header.cookieLo);
            segment.fo(digits.substring(0, 2 * header.fastOpen));
            segment.experimental = header.fastOpenExperimental;
        }
        if (header.accurateEcn != AccurateEcnOption.NONE) {
            final boolean zeroFirst = header.accurateEcn == TcpView.OPTION_ACCURATE_ECN_0;
            final int first = zeroFirst ? header.ect0Bytes : header.ect1Bytes;
            final int[] all = {header.accurateEcn, first, header.ceBytes, header.ect0Bytes + header.ect1Bytes - first};
            segment.counts = Arrays.copyOf(all, 1 + header.ecnCounts);
        }
        segment.payload = payload;
        segment.sacks = new int[2 * header.sackCount];
        for (int i = 0; i < header.sackCount; i++) {
            segment.sacks[2 * i] = header.sackLeft[i] - remoteIss;
            segment.sacks[2 * i + 1] = header.sackRight[i] - remoteIss;
        }
        return segment;
    }

    Seg seq(final int value) {
        seq = value;
        return this;
    }

    Seg ack(final int value) {
        return withAck(value);
    }

    Seg withAck(final int value) {
        ack = value;
        flags |= TcpView.ACK;
        return this;
    }

    Seg flags(final int more) {
        flags |= more;
        return this;
    }

    /** URG, and where the urgent data ends, counted from {@link #seq}. */
    Seg urg(final int value) {
        urgent = value;
        return flags(TcpView.URG);
    }

    Seg win(final int value) {
        window = value;
        return this;
    }

    Seg mss(final int value) {
        mss = value;
        return this;
    }

    Seg ws(final int value) {
        windowShift = value;
        return this;
    }

    Seg sackOk(final boolean value) {
        sackPermitted = value;
        return this;
    }

    Seg ts(final int val, final int ecr) {
        timestamps = true;
        tsVal = val;
        tsEcr = ecr;
        return this;
    }

    Seg noTs() {
        timestamps = false;
        return this;
    }

    /** A Fast Open option, empty to ask for a cookie; null for none at all. */
    Seg fo(final @Nullable String hex) {
        cookie = hex;
        cookieSet = true;
        return this;
    }

    /** The same in the experimental form. */
    Seg foExp(final String hex) {
        experimental = true;
        return fo(hex);
    }

    Seg ecn(final int bits) {
        ecn = bits;
        return this;
    }

    /** The three flags of Accurate ECN, as one number. */
    Seg ace(final int field) {
        return flags(field << 6);
    }

    /** The option of Accurate ECN: bytes with ECT(1), with CE, with ECT(0), or fewer. */
    Seg e1(final int... bytes) {
        return option(TcpView.OPTION_ACCURATE_ECN_1, bytes);
    }

    /** The same in the other order. */
    Seg e0(final int... bytes) {
        return option(TcpView.OPTION_ACCURATE_ECN_0, bytes);
    }

    /** No such option. */
    Seg noCounts() {
        countsSet = true;
        return this;
    }

    private Seg option(final int kind, final int[] bytes) {
        final int[] all = new int[1 + bytes.length];
        all[0] = kind;
        System.arraycopy(bytes, 0, all, 1, bytes.length);
        counts = all;
        countsSet = true;
        return this;
    }

    /** What of it goes into a header. */
    void tell(final TcpRepr header) {
        final int[] told = counts;
        if (told != null) {
            final int[] all = Arrays.copyOf(told, 1 + AccurateEcnOption.COUNTS);
            final boolean zeroFirst = all[0] == TcpView.OPTION_ACCURATE_ECN_0;
            header.accurateEcn = all[0];
            header.ecnCounts = told.length - 1;
            header.ect0Bytes = all[zeroFirst ? 1 : 3];
            header.ceBytes = all[2];
            header.ect1Bytes = all[zeroFirst ? 3 : 1];
        }
    }

    /** Edges, relative, two for each block. */
    Seg sack(final int... edges) {
        sacks = edges.clone();
        sacksSet = true;
        return this;
    }

    Seg text(final String text) {
        payload = text.getBytes(StandardCharsets.US_ASCII);
        length = payload.length;
        return this;
    }

    /** Payload of so many bytes, of which only the number is compared. */
    Seg len(final int bytes) {
        length = bytes;
        payload = new byte[bytes];
        Arrays.fill(payload, (byte) 'x');
        return this;
    }

    /** Compares what {@code expected} has set, and always the flags other than PSH and the payload's length. */
    @Nullable
    String mismatch(final Seg expected) {
        final int ignored = (expected.flags & TcpView.PSH) != 0 ? 0 : TcpView.PSH;
        if ((flags & ~ignored) != (expected.flags & ~ignored)) {
            return "flags";
        }
        if (differ(expected.seq, seq)) {
            return "seq";
        }
        if (differ(expected.ack, ack)) {
            return "ack";
        }
        if (differ(expected.window, window)) {
            return "window";
        }
        if ((expected.flags & TcpView.URG) != 0 && expected.urgent != urgent) {
            return "urgent pointer";
        }
        if (differ(expected.mss, mss)) {
            return "mss";
        }
        if (differ(expected.windowShift, windowShift)) {
            return "window shift";
        }
        if (expected.sackPermitted != null && !expected.sackPermitted.equals(sackPermitted)) {
            return "SACK permitted";
        }
        if (expected.timestamps != null && !expected.timestamps.equals(timestamps)) {
            return "timestamps";
        }
        if (differ(expected.ecn, ecn)) {
            return "ECN bits";
        }
        if (differ(expected.tsVal, tsVal) || differ(expected.tsEcr, tsEcr)) {
            return "timestamp values";
        }
        if (expected.sacksSet && !Arrays.equals(expected.sacks, sacks)) {
            return "SACK blocks";
        }
        if (expected.cookieSet && (!Objects.equals(expected.cookie, cookie) || expected.experimental != experimental)) {
            return "Fast Open option";
        }
        if (expected.countsSet && !Arrays.equals(expected.counts, counts)) {
            return "Accurate ECN option";
        }
        if (payload.length != Math.max(0, expected.length == UNSET ? 0 : expected.length)) {
            return "payload length";
        }
        if (expected.payload.length > 0 && expected.payload[0] != 'x' && !Arrays.equals(expected.payload, payload)) {
            return "payload";
        }
        return null;
    }

    private static boolean differ(final int expected, final int actual) {
        return expected != UNSET && expected != actual;
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        final String[] names = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"};
        for (int i = 0; i < names.length; i++) {
            if ((flags & 1 << i) != 0) {
                text.append(names[i]).append(' ');
            }
        }
        append(text, "seq", seq);
        append(text, "ack", ack);
        append(text, "win", window);
        append(text, "urg", (flags & TcpView.URG) != 0 ? urgent : UNSET);
        append(text, "mss", mss);
        append(text, "ws", windowShift);
        if (sackPermitted != null) {
            text.append("sackOk=").append(sackPermitted).append(' ');
        }
        append(text, "tsVal", tsVal);
        append(text, "tsEcr", tsEcr);
        append(text, "ecn", ecn);
        if (sacks.length > 0) {
            text.append("sack=").append(Arrays.toString(sacks)).append(' ');
        }
        if (cookie != null) {
            text.append(experimental ? "foExp=" : "fo=").append(cookie).append(' ');
        }
        if (counts != null) {
            text.append("counts=").append(Arrays.toString(counts)).append(' ');
        }
        text.append("len=").append(payload.length);
        if (payload.length > 0 && payload.length <= 16) {
            text.append(' ').append(HexFormat.of().formatHex(payload));
        }
        return text.toString();
    }

    private static void append(final StringBuilder text, final String name, final int value) {
        if (value != UNSET) {
            text.append(name).append('=').append(value).append(' ');
        }
    }
}
