package io.millrace.bench.packetdrill.host;

import java.util.HashMap;
import java.util.Map;

/** An open file: what it is ready for, and the options that it was given. */
abstract class Descriptor {
    /** Values of options under (level, number); see {@link #key}. */
    final Map<Long, Long> options = new HashMap<>();

    /** Flags of F_SETFL. */
    long fileFlags = Constants.O_RDWR;

    /** Changes whenever there may be something new to read. */
    int arrivals;

    /** Changes whenever there may be new room to write. */
    int drains;

    final boolean nonBlocking() {
        return (fileFlags & Constants.O_NONBLOCK) != 0;
    }

    static long key(final int level, final int option) {
        return ((long) level << 32) | option;
    }

    final long option(final int level, final int option, final long otherwise) {
        return options.getOrDefault(key(level, option), otherwise);
    }

    /** What poll would say of it, whatever was asked for. */
    abstract int readiness();

    /** The application closed it. */
    abstract void close();
}
