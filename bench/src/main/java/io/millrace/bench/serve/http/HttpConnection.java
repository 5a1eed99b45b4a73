package io.millrace.bench.serve.http;

import io.millrace.bench.serve.service.DeadlineList;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection: requests one after another, each answered in full before the next one is read, so that a pipeline
 * waits in the receive buffer and in the peer.
 */
final class HttpConnection extends DeadlineList.Entry implements TcpHandler {
    private static final byte[] NOTHING = {};
    private static final String HTML = "text/html; charset=utf-8";
    private static final Set<String> KNOWN_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private enum Phase {
        READING,
        RESPONDING,
        LINGERING,
        OVER
    }

    private final HttpService service;
    private final TcpSocket<?> socket;
    private final RequestParser parser = new RequestParser();
    private Phase phase = Phase.READING;
    private boolean persistent;
    private byte[] bytes = NOTHING;
    private int bytesSent;
    private @Nullable FileChannel file;
    private long filePosition;
    private long fileEnd;

    HttpConnection(HttpService service, TcpSocket<?> socket) {
        this.service = service;
        this.socket = socket;
    }

    @Override
    public void onConnected(TcpSocket<?> connected) {
        service.requests.arm(this, service.clock.micros());
        pump();
    }

    @Override
    public void onReadable(TcpSocket<?> readable) {
        pump();
    }

    @Override
    public void onWritable(TcpSocket<?> writable) {
        pump();
    }

    @Override
    public void onClosed(TcpSocket<?> closed, CloseReason why) {
        end();
    }

    @Override
    protected void expired() {
        if (phase == Phase.READING && parser.started()) {
            refuse(408);
            pump();
        } else if (phase == Phase.READING) {
            closeInOrder();
        } else {
            abort();
        }
    }

    private void pump() {
        boolean more = true;
        while (more) {
            more = switch (phase) {
                case READING -> read();
                case RESPONDING -> write();
                case LINGERING -> drain();
                case OVER -> false;
            };
        }
    }

    private boolean read() {
        final int span = socket.readSpan();
        if (span == 0) {
            if (socket.finished()) {
                closeInOrder();
            }
            return false;
        }
        final boolean waiting = !parser.started();
        socket.consume(parser.parse(socket.readMemory(), socket.readOffset(), span));
        if (parser.failure() != 0) {
            refuse(parser.failure());
        } else if (parser.complete()) {
            respond();
        } else if (waiting && parser.started() && isIn(service.idle)) {
            service.requests.arm(this, service.clock.micros());
        }
        return true;
    }

    private void respond() {
        final String method = parser.method();
        final boolean get = method.equals("GET");
        if (!get && !method.equals("HEAD")) {
            refuse(KNOWN_METHODS.contains(method) ? 405 : 501);
            return;
        }
        persistent = parser.persistent();
        final RequestPath path = RequestPath.parse(parser.target());
        if (path == null) {
            refuse(400);
            return;
        }
        final StaticSite site = service.site;
        if (site == null) {
            if (path.segments().isEmpty()) {
                answer(200, Html.home(), get, null);
            } else {
                missing(get);
            }
            return;
        }
        switch (site.find(path)) {
            case StaticSite.OpenFile open -> answer(open, get);
            case StaticSite.Listing listing -> answer(200, listing.html(), get, null);
            case StaticSite.Redirect redirect ->
                answer(301, Html.error(301, Status.reason(301)), get, redirect.location());
            case StaticSite.Missing none -> missing(get);
        }
    }

    private void missing(boolean withBody) {
        answer(404, Html.error(404, Status.reason(404)), withBody, null);
    }

    private void answer(int status, String html, boolean withBody, @Nullable String location) {
        final byte[] body = html.getBytes(StandardCharsets.UTF_8);
        final ResponseHead head = service.head.begin(status, Instant.now()).body(HTML, body.length, null);
        if (location != null) {
            head.field("Location", location);
        }
        if (status == 405) {
            head.field("Allow", "GET, HEAD");
        }
        start(head.connection(persistent, parser.http11()).end(withBody ? body : NOTHING));
    }

    private void answer(StaticSite.OpenFile open, boolean withBody) {
        final ResponseHead head =
                service.head.begin(200, Instant.now()).body(open.type(), open.size(), open.modified());
        start(head.connection(persistent, parser.http11()).end(NOTHING));
        if (withBody) {
            file = open.channel();
            filePosition = 0;
            fileEnd = open.size();
        } else {
            close(open.channel());
        }
    }

    /** Answers what is not a request that can be served; where its body or the next request begins is unknown then. */
    private void refuse(int status) {
        persistent = false;
        answer(status, Html.error(status, Status.reason(status)), true, null);
    }

    private void start(byte[] response) {
        bytes = response;
        bytesSent = 0;
        phase = Phase.RESPONDING;
        service.stalled.arm(this, service.clock.micros());
    }

    private boolean write() {
        final boolean done = writeBytes() && writeFile();
        if (phase != Phase.RESPONDING || !done) {
            return false;
        }
        bytes = NOTHING;
        closeFile();
        if (persistent) {
            parser.reset();
            phase = Phase.READING;
            service.idle.arm(this, service.clock.micros());
        } else {
            closeInOrder();
        }
        return true;
    }

    private boolean writeBytes() {
        while (bytesSent < bytes.length) {
            final int count = Math.min(socket.writeSpan(), bytes.length - bytesSent);
            if (count == 0) {
                return false;
            }
            MemorySegment.copy(
                    bytes, bytesSent, socket.writeMemory(), ValueLayout.JAVA_BYTE, socket.writeOffset(), count);
            socket.commit(count);
            bytesSent += count;
            service.stalled.arm(this, service.clock.micros());
        }
        return true;
    }

    private boolean writeFile() {
        final FileChannel source = file;
        if (source == null) {
            return true;
        }
        while (filePosition < fileEnd) {
            final int count = (int) Math.min(socket.writeSpan(), fileEnd - filePosition);
            if (count == 0) {
                return false;
            }
            try {
                final int read =
                        service.window.read(source, filePosition, socket.writeMemory(), socket.writeOffset(), count);
                if (read <= 0) {
                    abort(); // the file shrank: the promised length cannot be kept, and the peer has to see that
                    return false;
                }
                socket.commit(read);
                filePosition += read;
            } catch (IOException e) {
                abort();
                return false;
            }
            service.stalled.arm(this, service.clock.micros());
        }
        return true;
    }

    /**
     * Ends our side, and reads what the peer still sends until it ends its own. Closing at once would answer that with a
     * reset, which may destroy the response before the peer has read it (RFC 9112, section 9.6).
     */
    private void closeInOrder() {
        closeFile();
        phase = Phase.LINGERING;
        service.lingering.arm(this, service.clock.micros());
        socket.close();
        drain();
    }

    private boolean drain() {
        for (int count = socket.readSpan(); count > 0; count = socket.readSpan()) {
            socket.consume(count);
        }
        if (socket.finished()) {
            end();
        }
        return false;
    }

    private void abort() {
        end();
        socket.abort();
    }

    private void end() {
        phase = Phase.OVER;
        disarm();
        closeFile();
        bytes = NOTHING;
    }

    private void closeFile() {
        final FileChannel open = file;
        file = null;
        if (open != null) {
            close(open);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a file that was only read", e);
        }
    }
}
