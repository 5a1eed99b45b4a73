package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Failures;
import io.millrace.bench.socketapi.Linux;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Calls that ask for, or set, what a socket is like: ioctl, setsockopt and getsockopt. */
final class Inquiries {
    /** What may be set but changes nothing that a script could see here. */
    private static final Map<Integer, Set<Integer>> WITHOUT_EFFECT = Map.of(
            Linux.SOL_SOCKET,
            Set.of(Linux.SO_DEBUG),
            Linux.SOL_TCP,
            Set.of(Linux.TCP_THIN_DUPACK, (int) Values.SENDERS_OWN),
            Linux.SOL_IP,
            Set.of(Linux.IP_RECVTTL, Linux.IP_RECVTOS, Linux.IP_FREEBIND),
            Linux.SOL_IPV6,
            Set.of(Linux.IPV6_RECVHOPLIMIT, Linux.IPV6_RECVTCLASS));

    /** What is off here, and may be switched off. */
    private static final Map<Integer, Set<Integer>> OFF =
            Map.of(Linux.SOL_TCP, Set.of(Linux.TCP_INQ), Linux.SOL_SOCKET, Set.of(Linux.SO_TIMESTAMP));

    /** Longer than any key may be. */
    private static final int MOST_KEY = 1024;

    private Inquiries() {}

    static Outcome ioctl(final Descriptor descriptor, final Arguments arguments) throws ErrnoException {
        final int request = (int) arguments.number(1);
        final long value = Failures.translated(() -> switch (request) {
            case Linux.SIOCINQ -> descriptor.unread();
            case Linux.SIOCOUTQ -> descriptor.unsent(false);
            case Linux.SIOCOUTQNSD -> descriptor.unsent(true);
            case Linux.SIOCATMARK -> descriptor.isAtMark() ? 1 : 0;
            default -> throw new UnsupportedCallException("the ioctl 0x" + Integer.toHexString(request));
        });
        final Expression expected = arguments.optional(2);
        if (expected != null
                && !(expected instanceof Expression.Anything)
                && !expected.toString().equals("NULL")
                && Values.of(expected) != value) {
            throw new MismatchException("Bad ioctl value: expected: " + expected + " actual: " + value);
        }
        return Outcome.ZERO;
    }

    static Outcome set(final Descriptor descriptor, final Arguments arguments, final Call call) throws ErrnoException {
        final int level = (int) arguments.number(1);
        final int option = (int) arguments.number(2);
        if (has(WITHOUT_EFFECT, level, option)) {
            return Outcome.ZERO;
        }
        final byte[] value = value(level, option, arguments);
        final boolean zero = value.length == Integer.BYTES && number(value) == 0;
        if (zero && has(OFF, level, option)) {
            return Outcome.ZERO;
        }
        try {
            Failures.translated(() -> {
                descriptor.setOption(level, option, value);
                return 0;
            });
            return Outcome.ZERO;
        } catch (final ErrnoException e) {
            throw known(e, level, option, call);
        }
    }

    private static byte[] value(final int level, final int option, final Arguments arguments) {
        if (level == Linux.SOL_TCP && option == Linux.TCP_FASTOPEN_KEY) {
            return key(arguments.get(3), (int) arguments.number(4));
        }
        final byte[] md5 = arguments.md5Key();
        return level == Linux.SOL_TCP && option == Linux.TCP_MD5SIG && md5 != null
                ? md5
                : bytes(level, option, arguments.get(3));
    }

    static Outcome get(final Descriptor descriptor, final Arguments arguments, final Call call) throws ErrnoException {
        final int level = (int) arguments.number(1);
        final int option = (int) arguments.number(2);
        final byte[] value;
        try {
            value = Failures.translated(() -> descriptor.getOption(level, option));
        } catch (final ErrnoException e) {
            throw known(e, level, option, call);
        }
        if (level == Linux.SOL_TCP && option == Linux.TCP_INFO) {
            return Outcome.ZERO; // what is in it, assertions say
        }
        final Expression expected = arguments.get(3);
        final boolean buffer = level == Linux.SOL_SOCKET && (option == Linux.SO_RCVBUF || option == Linux.SO_SNDBUF);
        if (buffer && arguments.rounding() > 0) {
            compareRounded(expected, number(value) / 2, arguments.rounding());
        } else if (level == Linux.SOL_SOCKET && option == Linux.SO_ERROR && arguments.rounding() > 0) {
            final byte[] wanted = bytes(level, option, expected);
            final boolean hops = wanted.length >= Integer.BYTES && number(wanted) == Linux.EHOSTUNREACH;
            compare(expected, wanted, integers(FreeBsdErrors.pending(number(value), hops)));
        } else if (!(expected instanceof Expression.Anything)) {
            compare(expected, bytes(level, option, expected), value);
        }
        return Outcome.ZERO;
    }

    /** An option that there is on Linux but not here is no failure of the script's, unless it expects one. */
    private static ErrnoException known(final ErrnoException e, final int level, final int option, final Call call) {
        final boolean expected = call.result() instanceof Expression.Literal result && result.value() < 0;
        if (!expected && (e.errno() == Linux.ENOPROTOOPT || e.errno() == Linux.ENOENT)) {
            throw new UnsupportedCallException("the socket option " + option + " of level " + level);
        }
        return e;
    }

    private static boolean has(final Map<Integer, Set<Integer>> options, final int level, final int option) {
        return options.getOrDefault(level, Set.of()).contains(option);
    }

    private static void compare(final Expression expected, final byte[] wanted, final byte[] value) {
        final ByteBuffer got = ByteBuffer.wrap(value, 0, Math.min(value.length, wanted.length));
        if (!got.equals(ByteBuffer.wrap(wanted))) {
            final String actual = value.length == Integer.BYTES
                    ? Integer.toString(number(value))
                    : new String(value, StandardCharsets.US_ASCII);
            throw new MismatchException("Bad getsockopt: expected: " + expected + " actual: " + actual);
        }
    }

    private static void compareRounded(final Expression expected, final int size, final int rounding) {
        if (!(expected instanceof Expression.Anything) && Math.abs(Values.of(expected) - size) >= rounding) {
            throw new MismatchException("Bad getsockopt: expected: " + expected + " actual: " + size);
        }
    }

    private static int number(final byte[] value) {
        return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    /** So many bytes of a string in which bytes are written as C does, {@code \\xNN}. */
    private static byte[] key(final Expression value, final int length) {
        if (length < 0 || length > MOST_KEY) {
            throw new MismatchException("a key of " + length + " bytes");
        }
        final byte[] key = new byte[length];
        final String text = value instanceof Expression.Text string ? string.text() : "";
        for (int at = 0, i = 0; at < text.length() && i < length; i++) {
            final boolean escaped = text.startsWith("\\x", at);
            key[i] = (byte) (escaped ? hexadecimal(text, at + 2) : text.charAt(at));
            at += escaped ? 4 : 1;
        }
        return key;
    }

    private static int hexadecimal(final String text, final int at) {
        if (at + 2 > text.length()
                || !HexFormat.isHexDigit(text.charAt(at))
                || !HexFormat.isHexDigit(text.charAt(at + 1))) {
            throw new MismatchException("\\x without two hexadecimal digits in \"" + text + '"');
        }
        return HexFormat.fromHexDigits(text, at, at + 2);
    }

    /** A value as a program would hand it over. */
    private static byte[] bytes(final int level, final int option, final Expression value) {
        if (value instanceof Expression.Items items && items.items().size() == 1) {
            return bytes(level, option, items.items().getFirst());
        }
        if (value instanceof Expression.Text text) {
            return text.text().getBytes(StandardCharsets.ISO_8859_1);
        }
        if (level == Linux.SOL_SOCKET && option == Linux.SO_LINGER && value instanceof Expression.Fields fields) {
            return integers(number(fields.field("onoff")), number(fields.field("linger")));
        }
        return integers((int) Values.of(value));
    }

    private static int number(final @Nullable Expression field) {
        return field == null ? 0 : (int) Values.of(field);
    }

    private static byte[] integers(final int... numbers) {
        final ByteBuffer bytes =
                ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (final int number : numbers) {
            bytes.putInt(number);
        }
        return bytes.array();
    }
}
