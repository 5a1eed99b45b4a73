package io.millrace.config;

import java.util.Locale;

/** Whether DPDK takes its memory from hugepages. */
public enum Hugepages {
    /** Yes where enough of them are free, else no. */
    AUTO,
    /** Yes; it is an error if they are missing. */
    YES,
    /** No; ordinary memory. */
    NO;

    /** The name in files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
