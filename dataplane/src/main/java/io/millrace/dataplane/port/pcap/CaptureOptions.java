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
 */
public record CaptureOptions(
        CaptureFormat format,
        int snapLength,
        long maxBytes,
        Duration maxAge,
        int files,
        @Nullable PacketFilter filter) {
    /** Whole packets in one file of the format that everything reads. */
    public static final CaptureOptions DEFAULT =
            new CaptureOptions(CaptureFormat.PCAP, PcapFormat.SNAPSHOT_LENGTH, 0, Duration.ZERO, 0, null);

    /** Checks the numbers. */
    public CaptureOptions {
        if (snapLength < 1 || snapLength > PcapFormat.SNAPSHOT_LENGTH) {
            throw new IllegalArgumentException(
                    "snap length of " + snapLength + " bytes; it is 1 to " + PcapFormat.SNAPSHOT_LENGTH);
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
        return new CaptureOptions(newFormat, snapLength, maxBytes, maxAge, files, filter);
    }

    /** With so many bytes of each packet. */
    public CaptureOptions withSnapLength(final int bytes) {
        return new CaptureOptions(format, bytes, maxBytes, maxAge, files, filter);
    }

    /** In several files: the next one is begun at a size in bytes or an age, and so many are kept; 0 for no limit. */
    public CaptureOptions withRotation(final long newMaxBytes, final Duration newMaxAge, final int newFiles) {
        return new CaptureOptions(format, snapLength, newMaxBytes, newMaxAge, newFiles, filter);
    }

    /** Only packets that the filter, which is for the capture's medium, lets through; null for all. */
    public CaptureOptions withFilter(final @Nullable PacketFilter newFilter) {
        return new CaptureOptions(format, snapLength, maxBytes, maxAge, files, newFilter);
    }

    /** Whether there may be more than one file. */
    boolean rotates() {
        return maxBytes > 0 || !maxAge.isZero();
    }
}
