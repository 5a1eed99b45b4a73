package io.millrace.config;

import io.millrace.config.problem.Located;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where and how every packet is written.
 *
 * @param file the first file, or the only one
 * @param kind its format
 * @param snap bytes of each packet that are kept, at least 1
 * @param size bytes at which the next file is begun; 0 for no limit
 * @param age seconds after which the next file is begun; 0 for no limit
 * @param files how many files are kept, the latest; 0 for all
 * @param filter which packets are written, in tcpdump's language, null for all; syntax is checked by whoever knows
 *     packets
 * @param comment what the head of a pcapng file says, empty for nothing
 */
public record CaptureConfig(
        Located<Path> file,
        CaptureKind kind,
        int snap,
        long size,
        int age,
        int files,
        @Nullable Located<String> filter,
        String comment) {
    /** Default of {@code pcap-snap}: whole packets. */
    public static final int WHOLE = 262_144;
}
