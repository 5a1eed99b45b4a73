package io.millrace.bench.serve.http;

import io.millrace.bench.serve.service.DeadlineList;
import io.millrace.bench.serve.service.ShardClock;
import io.millrace.bench.serve.service.TcpService;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on one shard: GET and HEAD for the files of a folder, or one page of its own without a folder. Each
 * connection has {@value #REQUEST_SECONDS} seconds to send the head of a request, {@value #IDLE_SECONDS} to begin
 * another one, and {@value #STALL_SECONDS} to take some of a response; then it goes, however slowly its peer dribbles.
 *
 * <p>Files are read into the socket's send buffer straight from the page cache, by the shard's thread: a disk that has to
 * be waited for delays the other connections of the shard.
 */
public final class HttpService implements TcpService, TcpHandler {
    /** Seconds from the first byte of a request, or from the connection, to the end of its head. */
    public static final int REQUEST_SECONDS = 10;

    /** Seconds between a response and the next request. */
    public static final int IDLE_SECONDS = 60;

    /** Seconds within which a peer must take some of a response. */
    public static final int STALL_SECONDS = 60;

    /** Seconds that a peer has to close its side when the last response was sent. */
    public static final int LINGER_SECONDS = 5;

    private static final long SECOND = 1_000_000;

    final ShardClock clock;
    final @Nullable StaticSite site;
    final ResponseHead head = new ResponseHead();
    final FileWindow window = new FileWindow();
    final DeadlineList requests = new DeadlineList(REQUEST_SECONDS * SECOND);
    final DeadlineList idle = new DeadlineList(IDLE_SECONDS * SECOND);
    final DeadlineList stalled = new DeadlineList(STALL_SECONDS * SECOND);
    final DeadlineList lingering = new DeadlineList(LINGER_SECONDS * SECOND);

    /**
     * Makes the service of one shard.
     *
     * @param clock the shard's time
     * @param root folder to serve, or {@code null} for the page of its own
     * @throws IOException if the folder cannot be read
     */
    public HttpService(ShardClock clock, @Nullable Path root) throws IOException {
        this.clock = clock;
        this.site = root == null ? null : new StaticSite(root);
    }

    @Override
    public TcpHandler handler() {
        return this;
    }

    @Override
    public void onConnected(TcpSocket<?> socket) {
        final HttpConnection connection = new HttpConnection(this, socket);
        socket.handler(connection);
        connection.onConnected(socket);
    }

    @Override
    public void tick() {
        final long now = clock.micros();
        requests.expire(now);
        idle.expire(now);
        stalled.expire(now);
        lingering.expire(now);
    }

    @Override
    public void shutdown() {
        idle.expireAll();
    }
}
