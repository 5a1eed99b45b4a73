package io.millrace.bench.serve.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes status line and header fields of a response (RFC 9112, section 4). One for each shard. */
final class ResponseHead {
    // RFC 9110, section 5.6.7: two digits for the day, always GMT.
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final StringBuilder text = new StringBuilder(512);
    private long dateSecond = Long.MIN_VALUE;
    private String date = "";

    /** Begins a response. */
    ResponseHead begin(int status, Instant now) {
        if (now.getEpochSecond() != dateSecond) {
            dateSecond = now.getEpochSecond();
            date = HTTP_DATE.format(now);
        }
        text.setLength(0);
        text.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(Status.reason(status))
                .append("\r\n");
        return field("Date", date).field("Server", "millrace");
    }

    /** Adds a field; neither name nor value holds CR or LF. */
    ResponseHead field(String name, String value) {
        text.append(name).append(": ").append(value).append("\r\n");
        return this;
    }

    /** Adds the fields that describe a body. */
    ResponseHead body(String type, long length, @Nullable Instant modified) {
        field("Content-Type", type).field("Content-Length", Long.toString(length));
        field("X-Content-Type-Options", "nosniff");
        return modified == null ? this : field("Last-Modified", HTTP_DATE.format(modified));
    }

    /** Says whether the connection goes on, if the client would not know by itself. */
    ResponseHead connection(boolean persistent, boolean http11) {
        if (!persistent) {
            return field("Connection", "close");
        }
        return http11 ? this : field("Connection", "keep-alive");
    }

    /** The head, with {@code body} behind it. */
    byte[] end(byte[] body) {
        final byte[] head = text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        final byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }
}
