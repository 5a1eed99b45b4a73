package io.millrace.config;

import io.millrace.config.problem.Located;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code forward} is to do; made by {@link ApplianceSettings#resolve}.
 *
 * @param mode what it does with packets
 * @param burst most packets that a port hands over at once
 * @param tableSize most stations that a switch learns
 * @param ageing seconds after which a switch forgets a silent station
 * @param stations that are set by hand
 * @param record the file that a recorder writes to; null to wait until it is told
 * @param snapLength bytes of each packet that a recorder keeps
 * @param fileSize MiB at which a recorder begins the next file, 0 for one file
 * @param fileAge seconds after which a recorder begins the next file, 0 for never
 * @param files how many files a recorder keeps, 0 for all
 * @param recordFilter which packets a recorder writes, in tcpdump's language, null for all; syntax is checked by whoever
 *     knows packets
 */
public record ApplianceConfig(
        ForwardingMode mode,
        int burst,
        int tableSize,
        int ageing,
        List<StationSpec> stations,
        @Nullable Located<Path> record,
        int snapLength,
        int fileSize,
        int fileAge,
        int files,
        @Nullable Located<String> recordFilter) {
    /** Default of {@code burst}. */
    public static final int DEFAULT_BURST = 32;

    /** Default of {@code table-size}. */
    public static final int DEFAULT_TABLE_SIZE = 8_192;

    /** Default of {@code ageing}, in seconds, as IEEE 802.1Q recommends. */
    public static final int DEFAULT_AGEING = 300;

    /** Default of {@code snap-length}: whole packets. */
    public static final int DEFAULT_SNAP_LENGTH = 262_144;
}
