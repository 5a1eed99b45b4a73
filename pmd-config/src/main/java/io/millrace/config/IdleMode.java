package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a shard's thread does when there is nothing to do. */
public enum IdleMode {
    /** Spins, then yields, then parks for longer and longer; for a machine that is shared. */
    BACKOFF,
    /** Gives the CPU to whoever else wants it. */
    YIELD,
    /** Keeps the CPU; the least latency, for CPUs that nothing else uses. */
    SPIN;

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names, the default first. */
    public static List<String> names() {
        return Arrays.stream(values()).map(IdleMode::text).toList();
    }
}
