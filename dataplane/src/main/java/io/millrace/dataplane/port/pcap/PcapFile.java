package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.middleware.MiddlewarePort;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A capture that is being written, by one or several queues. Each queue gathers its packets in memory and has them
 * written in large pieces, at least once a second, by a thread of the capture's own; so packets of different queues are
 * not strictly in the order of their time. When the file does not keep up, packets flow on and are missing from it,
 * counted as {@link PcapCounter#BEHIND}.
 *
 * <p>A capture in several files calls them {@code NAME_00001.EXTENSION} and so on.
 *
 * <p>When the file cannot be written any more, a full disk for instance, the capture ends, {@link #failure} says why, and
 * packets flow on.
 */
public final class PcapFile implements AutoCloseable {
    private static final long NOT_YET = Long.MIN_VALUE;

    private final Path path;
    private final Medium medium;
    private final long epochOffsetMicros;
    private final CaptureOptions options;
    private final CaptureEncoder encoder;
    private final ByteBuffer header;
    private final List<PcapWriterQueue> queues = new ArrayList<>();
    private final Deque<Path> files = new ArrayDeque<>();
    private final CaptureWriter writer;
    private FileChannel channel;
    private long size;
    private long openedMicros = NOT_YET;
    private int number;
    private volatile @Nullable String failure;

    private PcapFile(final Path path, final Medium medium, final long epochOffsetMicros, final CaptureOptions options)
            throws IOException {
        this.path = path;
        this.medium = medium;
        this.epochOffsetMicros = epochOffsetMicros;
        this.options = options;
        this.encoder = new CaptureEncoder(options, medium);
        this.header = encoder.header(Arena.ofAuto()).asByteBuffer();
        this.channel = openNext();
        this.writer = new CaptureWriter("capture-" + path.getFileName(), this::append);
        this.writer.growTo(options.pieces());
    }

    /**
     * Creates a capture in one file of libpcap's format, over an older file of this name.
     *
     * @param medium what its packets begin with
     * @param epochOffsetMicros what must be added to the poll loops' time to get microseconds since 1970
     * @throws PortException if the file cannot be written
     */
    public static PcapFile create(final Path path, final Medium medium, final long epochOffsetMicros) {
        return create(path, medium, epochOffsetMicros, CaptureOptions.DEFAULT);
    }

    /**
     * Creates a capture, over older files of its names.
     *
     * @param medium what its packets begin with
     * @param epochOffsetMicros what must be added to the poll loops' time to get microseconds since 1970
     * @throws PortException if the file cannot be written
     * @throws IllegalArgumentException if there is a filter, and it is for another medium
     */
    public static PcapFile create(
            final Path path, final Medium medium, final long epochOffsetMicros, final CaptureOptions options) {
        if (options.filter() != null && options.filter().medium() != medium) {
            throw new IllegalArgumentException("the filter '" + options.filter() + "' is for "
                    + options.filter().medium() + " packets, but the capture " + path + " is of " + medium);
        }
        try {
            return new PcapFile(path, medium, epochOffsetMicros, options);
        } catch (final IOException e) {
            throw new PortException("cannot write the capture " + path + ": " + reason(path, e), e);
        }
    }

    /**
     * A port that does what {@code port} does, and writes all its packets to this capture. It closes {@code port}.
     *
     * @throws PortException if its medium is not that of the capture
     */
    public Port capture(final Port port) {
        if (port.info().medium() != medium) {
            throw new PortException("the capture " + path + " is of " + medium + " packets, but port "
                    + port.info().name() + " has " + port.info().medium());
        }
        return MiddlewarePort.wrap(port, new CaptureMiddleware(this));
    }

    /** Why the capture ended early; null if it did not. */
    public @Nullable String failure() {
        return failure;
    }

    /** The files that are there now, the oldest first. */
    public List<Path> files() {
        synchronized (files) {
            return List.copyOf(files);
        }
    }

    /**
     * Waits until all that the queues have gathered is written, and closes the file. No queue may be polled any more.
     * Harmless when called again.
     */
    @Override
    public void close() {
        synchronized (queues) {
            queues.forEach(PcapWriterQueue::flush);
            writer.close();
        }
        try {
            channel.close();
        } catch (final IOException e) {
            failure = reason(path, e);
        }
    }

    long epochOffsetMicros() {
        return epochOffsetMicros;
    }

    /** What a writer asks whether a packet belongs into the capture; null if all do. */
    PacketFilter.@Nullable Matcher filter() {
        return options.filter() == null ? null : options.filter().matcher();
    }

    CaptureEncoder encoder() {
        return encoder;
    }

    /** Adds a queue; returns what it has its packets written by. */
    CaptureWriter add(final PcapWriterQueue queue) {
        synchronized (queues) {
            queues.add(queue);
            writer.growTo(2 * queues.size()); // one to fill while the other is written
            return writer;
        }
    }

    /** Writes a piece; returns whether all of it is in the file. By the writer only. */
    private boolean append(final CapturePiece piece) {
        if (failure != null) {
            return false;
        }
        try {
            if (isFull(piece.used, piece.latestMicros)) {
                channel.close();
                channel = openNext();
                openedMicros = piece.latestMicros;
            }
            if (openedMicros == NOT_YET) {
                openedMicros = piece.latestMicros;
            }
            size += piece.used;
            write(piece.records());
            return true;
        } catch (final IOException e) {
            failure = reason(path, e);
            return false;
        }
    }

    /** Whether what comes next belongs into the next file. A file has one piece at least. */
    private boolean isFull(final int more, final long nowMicros) {
        final long maxBytes = options.maxBytes();
        final long maxMicros = options.maxAge().toNanos() / 1000;
        return size > header.capacity()
                && ((maxBytes > 0 && size + more > maxBytes)
                        || (maxMicros > 0 && nowMicros - openedMicros >= maxMicros));
    }

    private FileChannel openNext() throws IOException {
        final Path file = options.rotates() ? numbered(++number) : path;
        final FileChannel next = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            while (header.hasRemaining()) {
                next.write(header);
            }
        } catch (final IOException e) {
            next.close();
            throw e;
        }
        header.rewind();
        size = header.capacity();
        final Path oldest;
        synchronized (files) {
            files.addLast(file);
            oldest = options.files() > 0 && files.size() > options.files() ? files.removeFirst() : null;
        }
        if (oldest != null) {
            Files.deleteIfExists(oldest);
        }
        return next;
    }

    private Path numbered(final int index) {
        final String name = String.valueOf(path.getFileName());
        final int dot = name.lastIndexOf('.');
        final int end = dot > 0 ? dot : name.length();
        return path.resolveSibling("%s_%05d%s".formatted(name.substring(0, end), index, name.substring(end)));
    }

    private void write(final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String reason(final Path path, final IOException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return "no permission";
        }
        return Files.isDirectory(path) ? "it is a folder" : String.valueOf(e.getMessage());
    }
}
