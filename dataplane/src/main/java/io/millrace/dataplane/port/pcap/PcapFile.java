package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
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
 * A capture that is being written, by one or several queues. Each queue gathers its packets in memory and writes them in
 * large pieces, at least once a second; so packets of different queues are not strictly in the order of their time.
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
    private final List<PcapWriterQueue> writers = new ArrayList<>();
    private final Deque<Path> files = new ArrayDeque<>();
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

    /** A port that does what {@code port} does, and writes all its packets to this capture. It closes {@code port}. */
    public Port capture(final Port port) {
        if (port.info().medium() != medium) {
            throw new PortException("the capture " + path + " is of " + medium + " packets, but port "
                    + port.info().name() + " has " + port.info().medium());
        }
        return new PcapPort(port, this);
    }

    /** Why the capture ended early; null if it did not. */
    public @Nullable String failure() {
        return failure;
    }

    /** The files that are there now, the oldest first. */
    public synchronized List<Path> files() {
        return List.copyOf(files);
    }

    /** Writes what the queues have gathered, and closes the file. No queue may be polled any more. */
    @Override
    public synchronized void close() {
        if (channel.isOpen()) {
            writers.forEach(PcapWriterQueue::flush);
            try {
                channel.close();
            } catch (final IOException e) {
                failure = reason(path, e);
            }
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

    synchronized void add(final PcapWriterQueue writer) {
        writers.add(writer);
    }

    /**
     * Writes whole records.
     *
     * @param nowMicros the poll loop's time of the last of them
     * @return whether they are in the file
     */
    synchronized boolean append(final ByteBuffer records, final long nowMicros) {
        if (failure != null) {
            return false;
        }
        try {
            if (isFull(records.remaining(), nowMicros)) {
                channel.close();
                channel = openNext();
                openedMicros = nowMicros;
            }
            if (openedMicros == NOT_YET) {
                openedMicros = nowMicros;
            }
            size += records.remaining();
            write(records);
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
        files.addLast(file);
        if (options.files() > 0 && files.size() > options.files()) {
            Files.deleteIfExists(files.removeFirst());
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
