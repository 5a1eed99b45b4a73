package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A capture that is being written, by one or several queues. Each queue gathers its packets in memory and writes them in
 * large pieces, at least once a second; so packets of different queues are not strictly in the order of their time.
 *
 * <p>When the file cannot be written any more, a full disk for instance, the capture ends, {@link #failure} says why, and
 * packets flow on.
 */
public final class PcapFile implements AutoCloseable {
    private final Path path;
    private final Medium medium;
    private final long epochOffsetMicros;
    private final FileChannel channel;
    private final List<PcapWriterQueue> writers = new ArrayList<>();
    private volatile @Nullable String failure;

    private PcapFile(final Path path, final Medium medium, final long epochOffsetMicros, final FileChannel channel) {
        this.path = path;
        this.medium = medium;
        this.epochOffsetMicros = epochOffsetMicros;
        this.channel = channel;
    }

    /**
     * Creates a capture, over an older file of this name.
     *
     * @param medium what its packets begin with
     * @param epochOffsetMicros what must be added to the poll loops' time to get microseconds since 1970
     * @throws PortException if the file cannot be written
     */
    public static PcapFile create(final Path path, final Medium medium, final long epochOffsetMicros) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment header = arena.allocate(PcapFormat.FILE_HEADER);
            header.set(PcapFormat.LITTLE, 0, PcapFormat.MAGIC_MICROS);
            header.set(PcapFormat.LITTLE, PcapFormat.VERSION_OFFSET, PcapFormat.VERSION);
            header.set(PcapFormat.LITTLE, PcapFormat.SNAPSHOT_LENGTH_OFFSET, PcapFormat.SNAPSHOT_LENGTH);
            header.set(PcapFormat.LITTLE, PcapFormat.LINK_TYPE_OFFSET, PcapFormat.linkType(medium));
            final FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            final PcapFile file = new PcapFile(path, medium, epochOffsetMicros, channel);
            file.append(header.asByteBuffer());
            if (file.failure != null) {
                channel.close();
                throw new PortException("cannot write the capture " + path + ": " + file.failure);
            }
            return file;
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

    synchronized void add(final PcapWriterQueue writer) {
        writers.add(writer);
    }

    /** Writes whole records. Returns whether they are in the file. */
    synchronized boolean append(final ByteBuffer records) {
        if (failure != null) {
            return false;
        }
        try {
            while (records.hasRemaining()) {
                channel.write(records);
            }
            return true;
        } catch (final IOException e) {
            failure = reason(path, e);
            return false;
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
