package io.millrace.bench.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {
    private static final String GET = "GET /a/b?c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n";

    private final RequestParser parser = new RequestParser();

    @Test
    void shouldReadRequestWhenItArrivesWhole() {
        assertEquals(GET.length(), parse(GET));
        assertTrue(parser.complete());
        assertEquals("GET", parser.method());
        assertEquals("/a/b?c", parser.target());
        assertTrue(parser.http11());
        assertTrue(parser.persistent());
    }

    @Test
    void shouldReadRequestWhenItArrivesByteByByte() {
        for (int i = 0; i < GET.length(); i++) {
            assertFalse(parser.complete(), "complete after " + i + " bytes");
            assertEquals(1, parse(GET.substring(i, i + 1)));
        }
        assertTrue(parser.complete());
        assertEquals("/a/b?c", parser.target());
    }

    @Test
    void shouldLeaveTheNextRequestAloneWhenTwoArriveTogether() {
        assertEquals(GET.length(), parse(GET + "HEAD / HTTP/1.1\r\n"));
        parser.reset();
        assertFalse(parser.started());
        assertEquals(28, parse("HEAD / HTTP/1.1\r\nHost: y\r\n\r\nG"));
        assertEquals("HEAD", parser.method());
    }

    @Test
    void shouldStopAtTheBodyWhenOneFollows() {
        final String head = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
        assertEquals(head.length(), parse(head + "hello"));
        assertTrue(parser.hasBody());
        assertFalse(parser.persistent());
    }

    @Test
    @Origin("RFC 9112 2.2")
    void shouldSkipEmptyLinesWhenTheyComeBeforeARequest() {
        parse("\r\n\r\n");
        assertFalse(parser.started());
        parse(GET);
        assertTrue(parser.complete());
    }

    @ParameterizedTest
    @Origin("RFC 9112 9.3")
    @CsvSource({
        "1.1, keep-alive, true",
        "1.1, close, false",
        "1.1, 'upgrade, CLOSE', false",
        "1.0, keep-alive, true",
        "1.0, other, false",
    })
    void shouldTellWhetherTheConnectionGoesOnWhenAsked(String version, String connection, boolean persistent) {
        parse("GET / HTTP/" + version + "\r\nHost: x\r\nConnection: " + connection + "\r\n\r\n");
        assertTrue(parser.complete());
        assertEquals(persistent, parser.persistent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n", // no Host
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\nHost: a\n\n",
                "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET  / HTTP/1.1\r\n",
                "GET /\r\n",
                " / HTTP/1.1\r\n",
                "G(T / HTTP/1.1\r\n",
                "GET /\u00e9 HTTP/1.1\r\n",
                "GET / HTTX/1.1\r\n",
                "\u0016\u0003\u0001\r\n",
            })
    void shouldRefuseWhenTheRequestIsMalformed(String request) {
        parse(request);
        assertEquals(400, parser.failure());
        assertFalse(parser.complete());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/2.0\r\n", "GET / HTTP/0.9\r\n"})
    void shouldRefuseWhenTheVersionIsNotSpoken(String request) {
        parse(request);
        assertEquals(505, parser.failure());
    }

    @Test
    void shouldRefuseWhenTheRequestLineIsTooLong() {
        final String start = "GET /";
        parse(start + "a".repeat(RequestParser.MAX_REQUEST_LINE - start.length()));
        assertEquals(0, parser.failure());
        parse("a");
        assertEquals(414, parser.failure());
    }

    @Test
    void shouldRefuseWhenTheFieldsAreTooLong() {
        parse("GET / HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat(RequestParser.MAX_FIELDS_SIZE));
        assertEquals(431, parser.failure());
    }

    @Test
    void shouldRefuseWhenThereAreTooManyFields() {
        parse("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(RequestParser.MAX_FIELDS));
        assertEquals(0, parser.failure());
        parse("A: b\r\n");
        assertEquals(431, parser.failure());
    }

    @Test
    void shouldReadNothingMoreWhenItFailed() {
        parse("GET\r\n");
        assertEquals(0, parse(GET));
    }

    @Test
    void shouldEndInSomeStateWhenTheBytesAreRandom() {
        for (int seed = 0; seed < 5_000; seed++) {
            final Random random = new Random(seed);
            final byte[] bytes = GET.getBytes(StandardCharsets.ISO_8859_1);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            parser.reset();
            final int consumed = parse(new String(bytes, StandardCharsets.ISO_8859_1));
            if (!parser.complete() && parser.failure() == 0) {
                assertEquals(bytes.length, consumed, "seed " + seed);
            }
        }
    }

    private int parse(String text) {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            final MemorySegment memory = arena.allocate(bytes.length + 3L);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 3, bytes.length);
            return parser.parse(memory, 3, bytes.length);
        }
    }
}
