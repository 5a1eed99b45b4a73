package io.millrace.bench.serve.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request target: percent-decoded, split into segments, dot segments removed (RFC 3986, sections 2.1 and
 * 5.2.4).
 *
 * @param segments the names along the path, none of them empty, {@code .} or {@code ..}, none with a slash or a NUL
 * @param directory whether the path ends with a slash and so means a directory
 */
record RequestPath(List<String> segments, boolean directory) {
    /**
     * Reads a request target in origin form ({@code /path?query}) or absolute form ({@code http://host/path}).
     *
     * @return the path, or {@code null} if the target is malformed or climbs above the root
     */
    static @Nullable RequestPath parse(String target) {
        String path = target;
        if (path.regionMatches(true, 0, "http://", 0, 7)) {
            final int slash = path.indexOf('/', 7);
            path = slash < 0 ? "/" : path.substring(slash);
        }
        path = before(before(path, '#'), '?');
        if (!path.startsWith("/")) {
            return null;
        }
        final String[] raw = path.substring(1).split("/", -1);
        final Deque<String> kept = new ArrayDeque<>();
        for (final String part : raw) {
            final String name = decode(part);
            if (name == null || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
                return null;
            }
            if (name.equals("..")) {
                if (kept.pollLast() == null) {
                    return null;
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                kept.addLast(name);
            }
        }
        final String last = raw[raw.length - 1];
        final boolean directory = kept.isEmpty() || last.isEmpty() || isDots(last);
        return new RequestPath(new ArrayList<>(kept), directory);
    }

    private static boolean isDots(String raw) {
        final String name = decode(raw);
        return ".".equals(name) || "..".equals(name);
    }

    private static String before(String text, char end) {
        final int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }

    private static @Nullable String decode(String text) {
        final byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (c != '%') {
                bytes[length++] = (byte) c;
                continue;
            }
            final int high = i + 1 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            final int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return null;
            }
            bytes[length++] = (byte) (high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
