package io.millrace.bench.serve.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.serve.TwoEnds;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpServiceTest {
    private static final int SECOND = 1_000_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path root;

    @SuppressWarnings("NullAway.Init")
    private TwoEnds ends;

    @SuppressWarnings("NullAway.Init")
    private TwoEnds.Connection connection;

    private final byte[] large = new byte[2_000_000];

    @BeforeEach
    void open() throws IOException {
        new Random(1).nextBytes(large);
        Files.writeString(root.resolve("a.txt"), "hello");
        Files.write(root.resolve("large.bin"), large);
        connect(new TwoEnds(pools, root));
    }

    private void connect(TwoEnds opened) {
        ends = opened;
        connection = ends.connect(TwoEnds.V4, TwoEnds.HTTP);
        ends.until(connection::connected, SECOND);
    }

    @AfterEach
    void close() {
        ends.close();
    }

    @Test
    void shouldSendFileWithLengthTypeAndDateWhenItIsThere() {
        final String response = ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nhello");
        assertTrue(response.startsWith("HTTP/1.1 200 OK\r\nDate: "), response);
        assertTrue(response.contains("\r\nContent-Length: 5\r\n"), response);
        assertTrue(response.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"), response);
        assertTrue(
                response.matches(
                        "(?s).*\r\nLast-Modified: [A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n.*"),
                response);
        assertFalse(connection.finished());
    }

    @Test
    @Origin("RFC 9110 9.3.2")
    void shouldSendTheSameHeadWithoutBodyWhenAskedForTheHead() {
        final String head = ask("HEAD /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n");
        ends.pass(SECOND);
        assertTrue(connection.text().endsWith("\r\n\r\n"), connection.text());
        assertTrue(head.contains("\r\nContent-Length: 5\r\n"), head);
    }

    @Test
    void shouldAnswerInOrderWhenRequestsAreInAPipeline() {
        final String request = "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n";
        connection.send(request.formatted("a.txt")
                + request.formatted("none")
                + request.formatted("large.bin")
                + request.formatted("a.txt"));
        ends.until(() -> connection.text().endsWith("\r\n\r\nhello"), 10 * SECOND);
        final String all = connection.text();
        final int first = all.indexOf("\r\n\r\nhello");
        final int second = all.indexOf("HTTP/1.1 404 Not Found\r\n");
        final int third = all.indexOf("Content-Length: 2000000\r\n");
        assertTrue(0 < first && first < second && second < third, first + " " + second + " " + third);
    }

    @Test
    void shouldSendTheWholeFileWhenTheWireLosesPackets() throws IOException {
        ends.close();
        connect(new TwoEnds(pools, root, 0.02));
        ask("GET /large.bin HTTP/1.0\r\n\r\n", "\r\n\r\n");
        ends.until(connection::finished, 600L * SECOND);
        final byte[] all = connection.bytes();
        assertArrayEquals(large, Arrays.copyOfRange(all, all.length - large.length, all.length));
    }

    @Test
    @Origin("RFC 9112 9.3")
    void shouldCloseWhenTheClientSpeaksHttp10() {
        final String response = ask("GET /a.txt HTTP/1.0\r\n\r\n", "hello");
        assertTrue(response.contains("\r\nConnection: close\r\n"), response);
        ends.until(connection::finished, SECOND);
    }

    @Test
    void shouldCloseWhenTheClientClosesBetweenRequests() {
        ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", "hello");
        connection.close();
        ends.until(() -> connection.reason() == CloseReason.NORMAL, 120L * SECOND);
    }

    @Test
    void shouldFinishTheResponseWhenTheClientClosesItsSideFirst() {
        connection.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
        connection.close();
        ends.until(connection::finished, 10 * SECOND);
        assertTrue(connection.size() > large.length);
    }

    @ParameterizedTest
    @CsvSource({
        "GET /../a HTTP/1.1, 400 Bad Request",
        "GET  / HTTP/1.1, 400 Bad Request",
        "GET /none HTTP/1.1, 404 Not Found",
        "POST / HTTP/1.1, 405 Method Not Allowed",
        "BREW / HTTP/1.1, 501 Not Implemented",
        "GET / HTTP/2.0, 505 HTTP Version Not Supported",
    })
    void shouldSayWhyWhenARequestIsRefused(String line, String status) {
        final String response = ask(line + "\r\nHost: x\r\n\r\n", "</html>\n");
        assertTrue(response.startsWith("HTTP/1.1 " + status + "\r\n"), response);
        assertEquals(status.startsWith("405"), response.contains("\r\nAllow: GET, HEAD\r\n"), response);
    }

    @Test
    void shouldRefuseAndCloseWhenTheRequestLineHasNoEnd() {
        connection.send("GET /" + "a".repeat(9_000));
        ends.until(connection::finished, SECOND);
        assertTrue(connection.text().startsWith("HTTP/1.1 414 "), connection.text());
    }

    @Test
    @Origin("RFC 9112 9.6")
    void shouldDeliverTheRefusalWhenTheClientIsStillSending() {
        connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000));
        ends.until(connection::finished, SECOND);
        assertTrue(connection.text().startsWith("HTTP/1.1 405 "), connection.text());
        connection.close();
        ends.until(() -> connection.reason() == CloseReason.NORMAL, 120L * SECOND);
    }

    @Test
    void shouldGiveUpWithATimeoutWhenARequestDribblesIn() {
        final long start = ends.now();
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n");
        while (!connection.finished() && ends.now() - start < 60L * SECOND) {
            connection.send("X");
            ends.pass(SECOND / 2);
        }
        assertTrue(connection.text().startsWith("HTTP/1.1 408 Request Timeout\r\n"), connection.text());
        final long seconds = (ends.now() - start) / SECOND;
        assertTrue(seconds >= 9 && seconds <= 11, "after " + seconds + " s");
    }

    @Test
    void shouldCloseWithoutAWordWhenNoRequestComes() {
        ends.pass((HttpService.REQUEST_SECONDS - 1L) * SECOND);
        assertFalse(connection.finished());
        ends.until(connection::finished, 2L * SECOND);
        assertEquals("", connection.text());
    }

    @Test
    void shouldCloseWithoutAWordWhenNoFurtherRequestComes() {
        final String response = ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", "hello");
        ends.pass((HttpService.IDLE_SECONDS - 1L) * SECOND);
        assertFalse(connection.finished());
        ends.until(connection::finished, 2L * SECOND);
        assertEquals(response, connection.text());
    }

    @Test
    void shouldResetWhenTheClientStopsReading() {
        connection.reading(false);
        connection.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
        ends.pass((HttpService.STALL_SECONDS - 1L) * SECOND);
        assertEquals(null, connection.reason());
        ends.until(() -> connection.reason() == CloseReason.RESET, 10L * SECOND);
    }

    @Test
    void shouldResetWhenTheClientNeverClosesItsSide() {
        ask("GET /a.txt HTTP/1.0\r\n\r\n", "hello");
        ends.until(connection::finished, SECOND);
        ends.until(() -> connection.reason() == CloseReason.RESET, (HttpService.LINGER_SECONDS + 1L) * SECOND);
    }

    @Test
    void shouldResetWhenTheFileShrinksUnderway() throws IOException {
        connection.reading(false);
        connection.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
        ends.pass(SECOND);
        try (RandomAccessFile file =
                new RandomAccessFile(root.resolve("large.bin").toFile(), "rw")) {
            file.setLength(1_000);
        }
        connection.reading(true);
        ends.until(() -> connection.reason() == CloseReason.RESET, 10L * SECOND);
        assertTrue(connection.size() < large.length);
    }

    @Test
    void shouldSendAPageOfItsOwnWhenThereIsNoFolder() throws IOException {
        ends.close();
        connect(new TwoEnds(pools, null));
        final String response = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "</html>\n");
        assertTrue(response.startsWith("HTTP/1.1 200 OK\r\n"), response);
        assertTrue(response.contains("<h1>Millrace "), response);
    }

    /** Sends a request and waits until what came ends with {@code end}. */
    private String ask(String request, String end) {
        connection.send(request);
        ends.until(() -> connection.text().contains(end), 10L * SECOND);
        return connection.text();
    }
}
