package io.millrace.bench.serve.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the head of HTTP/1.0 and HTTP/1.1 requests (RFC 9112), in whatever pieces it arrives. It stops behind the empty
 * line, so that what follows (a body, or the next request of a pipeline) stays where it is.
 *
 * <p>Strict where leniency has been a way in: lines end with CR LF, no space stands before a colon, lines are not
 * folded, and a request that announces its body in two ways is refused. Memory is bounded by {@link #MAX_REQUEST_LINE},
 * {@link #MAX_FIELDS_SIZE} and {@link #MAX_FIELDS}.
 */
final class RequestParser {
    /** Longest request line in bytes; a longer one fails with 414. */
    static final int MAX_REQUEST_LINE = 8 * 1024;

    /** Most bytes of all header fields together; more fail with 431. */
    static final int MAX_FIELDS_SIZE = 16 * 1024;

    /** Most header fields; more fail with 431. */
    static final int MAX_FIELDS = 100;

    private static final int INITIAL_LINE = 256;
    private static final byte[] CONNECTION = ascii("connection");
    private static final byte[] CONTENT_LENGTH = ascii("content-length");
    private static final byte[] HOST = ascii("host");
    private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
    private static final byte[] HTTP_1 = ascii("HTTP/1.");

    private enum State {
        REQUEST_LINE,
        FIELDS,
        COMPLETE,
        FAILED
    }

    private State state = State.REQUEST_LINE;
    private byte[] line = new byte[INITIAL_LINE];
    private int length;
    private boolean afterCr;
    private boolean started;
    private int fieldsSize;
    private int fields;
    private int failure;

    private String method = "";
    private String target = "";
    private int minorVersion;
    private boolean hasHost;
    private boolean hasTransferEncoding;
    private boolean close;
    private boolean keepAlive;
    private long contentLength = -1;

    /** Forgets the last request and waits for the next one. */
    void reset() {
        state = State.REQUEST_LINE;
        length = 0;
        afterCr = false;
        started = false;
        fieldsSize = 0;
        fields = 0;
        failure = 0;
        method = "";
        target = "";
        minorVersion = 0;
        hasHost = false;
        hasTransferEncoding = false;
        close = false;
        keepAlive = false;
        contentLength = -1;
        if (line.length > INITIAL_LINE) {
            line = new byte[INITIAL_LINE]; // a million idle connections do not each hold what one request needed
        }
    }

    /**
     * Reads on.
     *
     * @return how many bytes belong to this request's head; fewer than {@code count} only when it ends or fails
     */
    int parse(MemorySegment memory, long offset, int count) {
        int i = 0;
        while (i < count && state.compareTo(State.COMPLETE) < 0) {
            accept(memory.get(ValueLayout.JAVA_BYTE, offset + i));
            i++;
        }
        return i;
    }

    /** Whether the head is complete and valid. */
    boolean complete() {
        return state == State.COMPLETE;
    }

    /** The status code to refuse the request with, or 0. */
    int failure() {
        return failure;
    }

    /** Whether a byte of a request was seen since {@link #reset}. */
    boolean started() {
        return started;
    }

    /** The method as it was sent; methods are case-sensitive. */
    String method() {
        return method;
    }

    /** The request target as it was sent, still percent-encoded. */
    String target() {
        return target;
    }

    /** Whether the client speaks at least HTTP/1.1. */
    boolean http11() {
        return minorVersion >= 1;
    }

    /** Whether the connection may serve another request after this one (RFC 9112, section 9.3). */
    boolean persistent() {
        return !close && !hasBody() && (http11() || keepAlive);
    }

    /** Whether a body follows the head. */
    boolean hasBody() {
        return hasTransferEncoding || contentLength > 0;
    }

    private void accept(byte b) {
        if (b == '\n') {
            if (!afterCr) {
                fail(400);
                return;
            }
            afterCr = false;
            endOfLine();
            length = 0;
            return;
        }
        if (afterCr) {
            fail(400);
            return;
        }
        if (b == '\r') {
            afterCr = true;
            return;
        }
        started = true;
        if (state == State.REQUEST_LINE) {
            if (length == MAX_REQUEST_LINE) {
                fail(414);
                return;
            }
        } else if (++fieldsSize > MAX_FIELDS_SIZE) {
            fail(431);
            return;
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(2 * length, MAX_FIELDS_SIZE));
        }
        line[length++] = b;
    }

    private void endOfLine() {
        if (state == State.REQUEST_LINE) {
            // Empty lines before a request are skipped (RFC 9112, section 2.2).
            if (length > 0) {
                requestLine();
            }
        } else if (length == 0) {
            endOfFields();
        } else if (++fields > MAX_FIELDS) {
            fail(431);
        } else {
            field();
        }
    }

    private void requestLine() {
        final int first = indexOf((byte) ' ', 0, length);
        final int second = first < 0 ? -1 : indexOf((byte) ' ', first + 1, length);
        if (first < 1 || second < first + 2 || !isToken(0, first)) {
            fail(400);
            return;
        }
        for (int i = first + 1; i < second; i++) {
            // Visible ASCII only; everything else in a target is percent-encoded.
            if (line[i] <= ' ' || line[i] == 0x7F) {
                fail(400);
                return;
            }
        }
        final int version = second + 1;
        if (length - version != HTTP_1.length + 1 || !startsWith(version, HTTP_1) || !isDigit(line[length - 1])) {
            final boolean http = length - version == 8 && startsWith(version, ascii("HTTP/"));
            fail(http ? 505 : 400);
            return;
        }
        minorVersion = line[length - 1] - '0';
        method = new String(line, 0, first, StandardCharsets.ISO_8859_1);
        target = new String(line, first + 1, second - first - 1, StandardCharsets.ISO_8859_1);
        state = State.FIELDS;
    }

    private void field() {
        final int colon = indexOf((byte) ':', 0, length);
        if (colon < 1 || !isToken(0, colon)) {
            fail(400); // also a folded line and a space before the colon
            return;
        }
        int from = colon + 1;
        int to = length;
        while (from < to && isBlank(line[from])) {
            from++;
        }
        while (to > from && isBlank(line[to - 1])) {
            to--;
        }
        for (int i = from; i < to; i++) {
            if ((line[i] >= 0 && line[i] < ' ' && line[i] != '\t') || line[i] == 0x7F) {
                fail(400);
                return;
            }
        }
        if (isName(colon, HOST)) {
            if (hasHost) {
                fail(400);
            }
            hasHost = true;
        } else if (isName(colon, CONTENT_LENGTH)) {
            contentLength(from, to);
        } else if (isName(colon, TRANSFER_ENCODING)) {
            hasTransferEncoding = true;
        } else if (isName(colon, CONNECTION)) {
            connection(new String(line, from, to - from, StandardCharsets.ISO_8859_1));
        }
    }

    private void contentLength(int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            if (!isDigit(line[i]) || value > (Long.MAX_VALUE - 9) / 10) {
                fail(400);
                return;
            }
            value = 10 * value + (line[i] - '0');
        }
        if (from == to || (contentLength >= 0 && contentLength != value)) {
            fail(400);
            return;
        }
        contentLength = value;
    }

    private void connection(String value) {
        int from = 0;
        while (from <= value.length()) {
            final int comma = value.indexOf(',', from);
            final int to = comma < 0 ? value.length() : comma;
            final String option = value.substring(from, to).strip();
            close |= option.equalsIgnoreCase("close");
            keepAlive |= option.equalsIgnoreCase("keep-alive");
            from = to + 1;
        }
    }

    private void endOfFields() {
        if ((http11() && !hasHost) || (hasTransferEncoding && (contentLength >= 0 || !http11()))) {
            fail(400);
        } else {
            state = State.COMPLETE;
        }
    }

    private void fail(int status) {
        state = State.FAILED;
        failure = status;
        started = true;
    }

    private int indexOf(byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (line[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private boolean startsWith(int from, byte[] text) {
        return Arrays.equals(line, from, Math.min(length, from + text.length), text, 0, text.length);
    }

    private boolean isName(int end, byte[] lowerCase) {
        if (end != lowerCase.length) {
            return false;
        }
        for (int i = 0; i < end; i++) {
            if (Character.toLowerCase(line[i] & 0xFF) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean isToken(int from, int to) {
        for (int i = from; i < to; i++) {
            final int c = line[i];
            final boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && !isDigit(line[i]) && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
