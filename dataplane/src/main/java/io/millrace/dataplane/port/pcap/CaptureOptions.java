package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.filter.PacketFilter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a capture is written. Immutable; start from {@link #DEFAULT}.
 *
 * @param format of the file
 * @param snapLength bytes of each packet that are kept, 1 to 262,144
 * @param maxBytes size at which the next file is begun; 0 for no limit. A file is larger only if a single piece of up to
 *     256 KiB is
 * @param maxAge time after which the next file is begun; zero for no limit. Looked at when something is written, which
 *     is once a second at least while packets flow
 * @param files how many files are kept, the latest; 0 for all. Without a limit of size or age there is just one
 * @param filter which packets are written; null for all
 * @param pieces how many pieces of 256 KiB there are to bridge a file that is slow, 2 to 256; more are added if there are
 *     more than half as many queues
 * @param comment what the head of each pcapng file says of it, 1,000 characters at most; empty for nothing
 */
public record CaptureOptions(
        CaptureFormat format,
        int snapLength,
        long maxBytes,
        Duration maxAge,
        int files,
        @Nullable PacketFilter filter,
        int pieces,
        String comment) {
    /** Whole packets in one file of the format that everything reads. */
    public static final CaptureOptions DEFAULT =
            new CaptureOptions(CaptureFormat.PCAP, PcapFormat.SNAPSHOT_LENGTH, 0, Duration.ZERO, 0, null, 32, "");

    private static final int MAX_COMMENT = 1_000;

    /** Checks the numbers. */
    public CaptureOptions {
        if (snapLength < 1 || snapLength > PcapFormat.SNAPSHOT_LENGTH) {
            throw new IllegalArgumentException(
                    "snap length of " + snapLength + " bytes; it is 1 to " + PcapFormat.SNAPSHOT_LENGTH);
        }
        if (comment.length() > MAX_COMMENT || (!comment.isEmpty() && format != CaptureFormat.PCAPNG)) {
            throw new IllegalArgumentException("a comment of " + comment.length() + " characters in a file of format "
                    + format + "; there are " + MAX_COMMENT + " at most, in PCAPNG only");
        }
        if (pieces < 2 || pieces > CaptureWriter.MOST) {
            throw new IllegalArgumentException(
                    pieces + " pieces of memory; a capture needs 2 to " + CaptureWriter.MOST);
        }
        if (maxBytes < 0 || maxAge.isNegative() || files < 0) {
            throw new IllegalArgumentException("files of " + maxBytes + " bytes and " + maxAge + ", of which " + files
                    + " are kept; none may be negative");
        }
        if (files > 0 && maxBytes == 0 && maxAge.isZero()) {
            throw new IllegalArgumentException(
                    "a ring of " + files + " files needs a size or an age at which the next one is begun");
        }
    }

    /** In this format. */
    public CaptureOptions withFormat(final CaptureFormat newFormat) {
        return new CaptureOptions(newFormat, snapLength, maxBytes, maxAge, files, filter, pieces, comment);
    }

    /** With so many bytes of each packet. */
    public CaptureOptions withSnapLength(final int bytes) {
        return new CaptureOptions(format, bytes, maxBytes, maxAge, files, filter, pieces, comment);
    }

    /** In several files: the next one is begun at a size in bytes or an age, and so many are kept; 0 for no limit. */
    public CaptureOptions withRotation(final long newMaxBytes, final Duration newMaxAge, final int newFiles) {
        return new CaptureOptions(format, snapLength, newMaxBytes, newMaxAge, newFiles, filter, pieces, comment);
    }

    /** Only packets that the filter, which is for the capture's medium, lets through; null for all. */
    public CaptureOptions withFilter(final @Nullable PacketFilter newFilter) {
        return new CaptureOptions(format, snapLength, maxBytes, maxAge, files, newFilter, pieces, comment);
    }

    /** With so many pieces of 256 KiB, 2 to 256. */
    public CaptureOptions withPieces(final int newPieces) {
        return new CaptureOptions(format, snapLength, maxBytes, maxAge, files, filter, newPieces, comment);
    }

    /** With a comment; only in {@link CaptureFormat#PCAPNG}, which is to be set first. */
    public CaptureOptions withComment(final String newComment) {
        return new CaptureOptions(format, snapLength, maxBytes, maxAge, files, filter, pieces, newComment);
    }

    /** Whether there may be more than one file. */
    boolean rotates() {
        return maxBytes > 0 || !maxAge.isZero();
    }
}
