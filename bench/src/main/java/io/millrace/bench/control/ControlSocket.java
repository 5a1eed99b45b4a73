package io.millrace.bench.control;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.millrace.bench.command.UserErrorException;
import io.millrace.dataplane.linux.FolderLock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The control socket of a running server. Each line that a client sends is a {@link ControlRequest}; each is answered
 * with one line, {@code {"rows": ...}} or {@code {"error": "..."}}. Only the user whom the server runs as may connect:
 * folder and socket are closed to others.
 *
 * <p>Has threads of its own; whatever answers requests must bring them to where they belong.
 */
public final class ControlSocket implements AutoCloseable {
    /** Longest request in characters. */
    static final int MAX_REQUEST = 16 * 1024;

    static final int MAX_CLIENTS = 16;

    /** As long one more waits for a place: those that are gone may not have been noticed yet. */
    private static final long PATIENCE_MILLIS = 1_000;

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long END_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Answers requests. */
    @FunctionalInterface
    public interface Service {
        /**
         * Serves a request.
         *
         * @return the rows of the reply
         * @throws ControlException if it cannot be served
         */
        JsonElement serve(ControlRequest request);
    }

    private final RuntimeFolder folder;
    private final Path path;
    private final Service service;
    private final ServerSocketChannel listener;
    private final Gson gson = new Gson();
    private final Map<SocketChannel, Thread> clients = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(MAX_CLIENTS);
    private final Thread acceptor = Thread.ofPlatform().daemon().name("control").unstarted(this::accept);

    private ControlSocket(RuntimeFolder folder, Path path, Service service, ServerSocketChannel listener) {
        this.folder = folder;
        this.path = path;
        this.service = service;
        this.listener = listener;
    }

    /**
     * Opens a socket. One that nobody answers on is replaced.
     *
     * @throws UserErrorException if another instance of this name runs
     * @throws IOException if the socket cannot be made
     */
    public static ControlSocket open(RuntimeFolder folder, String instance, Service service) throws IOException {
        final Path path = folder.socket(instance);
        try (FolderLock _ = folder.lock()) {
            if (Files.exists(path) && !RuntimeFolder.isDead(path)) {
                throw new UserErrorException(
                        "--instance: a server named " + instance + " runs already; stop it, or choose another name");
            }
            return bind(folder, instance, path, service);
        }
    }

    private static ControlSocket bind(RuntimeFolder folder, String instance, Path path, Service service)
            throws IOException {
        final Path born = folder.unborn(instance);
        Files.deleteIfExists(born);
        final ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(born));
            Files.setPosixFilePermissions(born, PosixFilePermissions.fromString("rw-------"));
            Files.move(born, path, StandardCopyOption.ATOMIC_MOVE); // it listens, so that nobody takes it for dead
            final ControlSocket socket = new ControlSocket(folder, path, service, listener);
            socket.acceptor.start();
            return socket;
        } catch (IOException | RuntimeException e) {
            listener.close();
            Files.deleteIfExists(born);
            throw e;
        }
    }

    /**
     * Removes the file, and the folder if nobody else needs it, stops listening and ends every conversation. A request that is
     * being served is interrupted and waited for, five seconds at most: what it is about may be closed after that.
     */
    @Override
    public void close() throws IOException {
        try {
            folder.remove(path); // as long as it listens: after that another server of this name may take its place
        } finally {
            end();
        }
    }

    private void end() throws IOException {
        final long deadline = System.nanoTime() + END_NANOS;
        listener.close();
        acceptor.interrupt();
        awaitEnd(acceptor, deadline); // so that no client comes any more
        final Map<SocketChannel, Thread> last = Map.copyOf(clients);
        for (final Map.Entry<SocketChannel, Thread> client : last.entrySet()) {
            client.getKey().close();
            client.getValue().interrupt();
        }
        last.values().forEach(thread -> awaitEnd(thread, deadline));
    }

    private static void awaitEnd(Thread thread, long deadline) {
        try {
            thread.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // and then it is not waited for
        }
    }

    private void accept() {
        while (true) {
            try {
                final SocketChannel client = listener.accept();
                if (!takePlace()) {
                    refuse(client);
                    continue;
                }
                final Thread thread = Thread.ofVirtual().name("control-client").unstarted(() -> converse(client));
                clients.put(client, thread);
                thread.start();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // For instance for want of file descriptors, of which there may be some again.
                System.getLogger(ControlSocket.class.getName())
                        .log(System.Logger.Level.WARNING, "the control socket " + path + " took no client", e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private boolean takePlace() {
        try {
            return places.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends: the next one is not taken
            return false;
        }
    }

    private void refuse(SocketChannel client) {
        final JsonObject reply = new JsonObject();
        reply.addProperty("error", MAX_CLIENTS + " others talk to the server already; try again");
        try (client;
                Writer out = Channels.newWriter(client, StandardCharsets.UTF_8)) {
            out.write(gson.toJson(reply) + '\n');
        } catch (IOException e) {
            // It did not wait.
        }
    }

    private void converse(SocketChannel client) {
        try (client;
                BufferedReader in = new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8));
                Writer out = Channels.newWriter(client, StandardCharsets.UTF_8)) {
            for (String line = readLine(in); line != null; line = readLine(in)) {
                out.write(answer(line));
                out.write('\n');
                out.flush();
            }
        } catch (IOException e) {
            // The client is gone, which is its own business.
        } finally {
            clients.remove(client);
            places.release();
        }
    }

    private String answer(String line) {
        final JsonObject reply = new JsonObject();
        try {
            final ControlRequest request = gson.fromJson(line, ControlRequest.class);
            if (request == null
                    || request.object() == null
                    || request.action() == null
                    || request.arguments() == null) {
                throw new ControlException("a request holds object, action and arguments");
            }
            reply.add("rows", service.serve(request));
        } catch (JsonParseException e) {
            reply.addProperty("error", "no JSON: " + e.getMessage());
        } catch (ControlException e) {
            reply.addProperty("error", e.getMessage());
        } catch (RuntimeException e) {
            reply.addProperty("error", "unexpected " + e);
        }
        return gson.toJson(reply);
    }

    /** A line without its end; null at the end of the conversation, also when a line is too long to be a request. */
    private static @Nullable String readLine(Reader in) throws IOException {
        final StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return line.toString();
            }
            if (line.length() == MAX_REQUEST) {
                return null;
            }
            line.append((char) c);
        }
        return null;
    }
}
