package io.millrace.bench.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Watches the clients of requests while their calls take time, all on one thread. When a client leaves, its call ends as
 * a signal would end it: who would wait for the answer is gone. A client that only sends no more, having shut down its
 * side, is still answered.
 */
final class ClientWatch implements AutoCloseable {
    /** Between looks at clients that send no more. */
    private static final long PERIOD_MILLIS = 50;

    private record Watched(SocketChannel client, Thread caller) {}

    private final Selector selector;
    private final Queue<Watched> arrivals = new ConcurrentLinkedQueue<>();
    private final ByteBuffer dropped = ByteBuffer.allocate(1 << 12);

    private ClientWatch(Selector selector) {
        this.selector = selector;
    }

    /** Begins without clients. */
    static ClientWatch start() throws IOException {
        final ClientWatch watch = new ClientWatch(Selector.open());
        Thread.ofPlatform().daemon().name("agent-watch").start(watch::run);
        return watch;
    }

    /**
     * Watches a client until its channel is closed. From some time on the channel does not block, and what comes is
     * dropped.
     *
     * @param caller interrupted once if the client leaves
     */
    void watch(SocketChannel client, Thread caller) {
        arrivals.add(new Watched(client, caller));
        selector.wakeup();
    }

    /** Watches nobody any more. */
    @Override
    public void close() throws IOException {
        selector.close();
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                if (selector.keys().stream().anyMatch(ClientWatch::sendsNoMore)) {
                    Thread.sleep(PERIOD_MILLIS); // those would be ready over and over
                    selector.selectNow();
                } else {
                    selector.select();
                }
                selector.selectedKeys().forEach(this::look);
                selector.selectedKeys().clear();
                for (Watched next = arrivals.poll(); next != null; next = arrivals.poll()) {
                    register(next);
                }
            }
        } catch (ClosedSelectorException e) {
            // That is how it ends.
        } catch (IOException e) {
            System.getLogger(ClientWatch.class.getName())
                    .log(System.Logger.Level.ERROR, "calls do not end any more when their clients leave", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void register(Watched watched) {
        try {
            watched.client.configureBlocking(false);
            watched.client.register(selector, SelectionKey.OP_READ, watched.caller);
        } catch (ClosedChannelException e) {
            // The call is over.
        } catch (IOException e) {
            watched.caller.interrupt();
        }
    }

    private static boolean sendsNoMore(SelectionKey key) {
        try {
            return key.isValid() && key.interestOps() == SelectionKey.OP_CONNECT;
        } catch (CancelledKeyException e) {
            return false; // its call has ended since
        }
    }

    private void look(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (sendsNoMore(key)) {
            // On a channel that is connected, nothing but a hang-up or an error makes this ready.
            leave(key);
            return;
        }
        try {
            if (((SocketChannel) key.channel()).read(dropped.clear()) < 0) {
                key.interestOps(SelectionKey.OP_CONNECT);
            }
        } catch (CancelledKeyException e) {
            // The call is over, as of now.
        } catch (IOException e) {
            leave(key);
        }
    }

    private static void leave(SelectionKey key) {
        key.cancel();
        ((Thread) key.attachment()).interrupt();
    }
}
