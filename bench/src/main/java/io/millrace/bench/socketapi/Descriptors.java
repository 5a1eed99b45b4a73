package io.millrace.bench.socketapi;

import java.util.List;
import java.util.TreeMap;

/**
 * Open sockets, and whatever else has a descriptor, by number. A new one gets the lowest free number from 3 on, as if 0
 * to 2 were the standard streams. Thread-safe.
 */
public final class Descriptors {
    private static final int FIRST = 3;
    private static final int MOST = 65_536;

    private final TreeMap<Integer, OpenFile> open = new TreeMap<>();
    private int clears;

    /** Without any. */
    public Descriptors() {}

    /** Adds one; returns its number. EMFILE if there are too many. */
    public synchronized int add(OpenFile descriptor) throws ErrnoException {
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

    /** Whether there is none. */
    public synchronized boolean isEmpty() {
        return open.isEmpty();
    }

    /** How often all numbers were freed. */
    public synchronized int clears() {
        return clears;
    }

    /** Adds one as {@link #add(OpenFile)}; EBADF if all numbers were freed since {@link #clears()} said so. */
    public synchronized int add(OpenFile descriptor, int clearsThen) throws ErrnoException {
        if (clears != clearsThen) {
            throw new ErrnoException(Linux.EBADF);
        }
        return add(descriptor);
    }

    /** What has a number; EBADF if nothing has. */
    public synchronized OpenFile get(int number) throws ErrnoException {
        final OpenFile descriptor = open.get(number);
        if (descriptor == null) {
            throw new ErrnoException(Linux.EBADF);
        }
        return descriptor;
    }

    /** The socket of a number; EBADF if there is none, ENOTSOCK if it is something else. */
    public Descriptor socket(int number) throws ErrnoException {
        if (get(number) instanceof Descriptor socket) {
            return socket;
        }
        throw new ErrnoException(Linux.ENOTSOCK);
    }

    /** Gives what has one number another one, if there is something. */
    public synchronized void rename(int number, int wanted) {
        final OpenFile descriptor = open.remove(number);
        if (descriptor != null) {
            open.put(wanted, descriptor);
        }
    }

    /** Frees a number; EBADF if there is none. */
    public synchronized OpenFile remove(int number) throws ErrnoException {
        final OpenFile descriptor = open.remove(number);
        if (descriptor == null) {
            throw new ErrnoException(Linux.EBADF);
        }
        return descriptor;
    }

    /** Frees all numbers; returns what had them. */
    public synchronized List<OpenFile> clear() {
        final List<OpenFile> all = List.copyOf(open.values());
        open.clear();
        clears++;
        return all;
    }
}
