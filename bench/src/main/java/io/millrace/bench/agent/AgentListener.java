package io.millrace.bench.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The agent's Unix socket: each connection brings one request line, gets one answer line and is closed. Every
 * connection has a virtual thread of its own.
 */
final class AgentListener implements AutoCloseable {
    /** Longest request in characters; a value of an option is the longest part of any. */
    private static final int LONGEST = 65_536;

    /** Wait after a connection could not be taken: when there are too many, until some have ended. */
    private static final long PAUSE_MILLIS = 10;

    private final Path path;
    private final ServerSocketChannel listener;
    private final Agent agent;
    private final ClientWatch watch;
    private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

    private AgentListener(Path path, ServerSocketChannel listener, Agent agent, ClientWatch watch) {
        this.watch = watch;
        this.path = path;
        this.listener = listener;
        this.agent = agent;
    }

    /** Begins to take requests. */
    static AgentListener start(Path path, ServerSocketChannel listener, Agent agent) throws IOException {
        final AgentListener started = new AgentListener(path, listener, agent, ClientWatch.start());
        Thread.ofPlatform().daemon().name("agent-listener").start(started::accept);
        return started;
    }

    /** Requests that are under way. */
    int calls() {
        return clients.size();
    }

    /** Takes no more requests, leaves those under way without an answer, and removes the file. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (final SocketChannel client : clients) {
            client.close();
        }
        watch.close();
        Files.deleteIfExists(path);
    }

    private void accept() {
        while (true) {
            try {
                final SocketChannel client = listener.accept();
                clients.add(client);
                if (!listener.isOpen()) {
                    client.close(); // it came after the others were closed
                    return;
                }
                Thread.ofVirtual().name("agent-request").start(() -> converse(client));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                System.getLogger(AgentListener.class.getName())
                        .log(System.Logger.Level.WARNING, "the control socket " + path + " took no connection", e);
                LockSupport.parkNanos(PAUSE_MILLIS * 1_000_000);
            }
        }
    }

    private void converse(SocketChannel client) {
        try (client) {
            // Every byte is a character, so that what is no text gets an answer too.
            final String request = line(new BufferedReader(Channels.newReader(client, StandardCharsets.ISO_8859_1)));
            watch.watch(client, Thread.currentThread());
            final Answer answer = request.length() > LONGEST ? agent.refuse(request) : agent.serve(request);
            final ByteBuffer bytes = ByteBuffer.wrap((answer.line() + "\n").getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        } catch (IOException e) {
            // The client is gone, which is its own business.
        } catch (RuntimeException e) {
            System.getLogger(AgentListener.class.getName())
                    .log(System.Logger.Level.ERROR, "a request got no answer", e);
        } finally {
            clients.remove(client);
        }
    }

    /** A line, which may end where the client's bytes do; of one that is too long, so much that this shows. */
    private static String line(Reader in) throws IOException {
        final StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (line.length() <= LONGEST) {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
