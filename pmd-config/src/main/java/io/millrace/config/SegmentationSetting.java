package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Who cuts what TCP sends at once into segments on a port. */
public enum SegmentationSetting {
    /** The stack, which makes runs of segments in one pass. */
    SOFTWARE,
    /** The device as far as it can (TSO), and it completes their checksums; the stack the rest. */
    DEVICE;

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names, the default first. */
    public static List<String> names() {
        return Arrays.stream(values()).map(SegmentationSetting::text).toList();
    }
}
