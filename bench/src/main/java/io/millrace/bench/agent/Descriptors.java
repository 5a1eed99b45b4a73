package io.millrace.bench.agent;

import java.util.TreeMap;

/** Open sockets by number. A new one gets the lowest free number from 3 on, as if 0 to 2 were the standard streams. */
final class Descriptors {
    private static final int FIRST = 3;
    private static final int MOST = 65_536;

    private final TreeMap<Integer, Descriptor> open = new TreeMap<>();

    /** Adds a socket; returns its number. */
    synchronized int add(Descriptor descriptor) throws ErrnoException {
        if (open.size() == MOST) {
            throw new ErrnoException(Linux.EMFILE);
        }
        int free = FIRST;
        for (final int taken : open.keySet()) {
            if (taken != free) {
                break;
            }
            free++;
        }
        open.put(free, descriptor);
        return free;
    }

    /** The socket of a number; EBADF if there is none. */
    synchronized Descriptor get(int number) throws ErrnoException {
        final Descriptor descriptor = open.get(number);
        if (descriptor == null) {
            throw new ErrnoException(Linux.EBADF);
        }
        return descriptor;
    }

    /** Frees a number; EBADF if there is none. */
    synchronized Descriptor remove(int number) throws ErrnoException {
        final Descriptor descriptor = open.remove(number);
        if (descriptor == null) {
            throw new ErrnoException(Linux.EBADF);
        }
        return descriptor;
    }

    /** Frees all numbers. */
    synchronized void clear() {
        open.clear();
    }
}
