package io.millrace.bench.memif;

import io.millrace.dataplane.port.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The links between two processes: a folder of one run with one Unix socket, over which all links are agreed on. */
public final class MemifLinks implements AutoCloseable {
    private final Path folder;
    private final int first;

    private MemifLinks(final Path folder, final int first) {
        this.folder = folder;
        this.first = first;
    }

    /** Makes the folder. */
    public static MemifLinks create() throws IOException {
        return from(0);
    }

    /**
     * Makes the folder for links beside those to another process.
     *
     * @param first number of the first link's device, in both processes
     */
    public static MemifLinks from(final int first) throws IOException {
        return new MemifLinks(Files.createTempDirectory("millrace-memif"), first);
    }

    /** The end of a link that makes the socket, for EAL's {@code --vdev}. */
    public String server(final int link) {
        return device(link, "server");
    }

    /** The other end, which must start later. */
    public String client(final int link) {
        return device(link, "client");
    }

    /**
     * Waits until the other end of a link is there.
     *
     * @throws IOException if it does not come
     */
    public void awaitUp(final Port port, final Duration patience) throws IOException, InterruptedException {
        final long begin = System.nanoTime();
        while (!port.linkUp()) {
            if (System.nanoTime() - begin > patience.toNanos()) {
                throw new IOException(
                        "the other process does not bring up " + port.info().name() + " at " + folder);
            }
            Thread.sleep(1);
        }
    }

    /** A file for what is noted during the run. */
    public Path file(final String name) {
        return folder.resolve(name);
    }

    private String device(final int link, final String role) {
        return "net_memif" + (first + link) + ",role=" + role + ",id=" + link + ",socket-abstract=no,socket="
                + folder.resolve("memif.sock");
    }

    /** Removes the folder with all that is in it. */
    @Override
    public void close() throws IOException {
        try (var files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.delete(folder);
    }
}
