package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few functions of the C library that the typed layer needs. All for control paths. */
final class Libc {
    private static final MethodHandle FMEMOPEN =
            link("fmemopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    private static final MethodHandle REWIND = link("rewind", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle FFLUSH = link("fflush", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle MEMFD_CREATE =
            link("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle EVENTFD = link("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle DUP = link("dup", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle DUP2 = link("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle PREAD =
            link("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));

    private Libc() {}

    /** Opens {@code memory} as a stream for writing; {@code NULL} on failure. */
    static MemorySegment fmemopen(final MemorySegment memory, final MemorySegment mode) {
        try {
            return (MemorySegment) FMEMOPEN.invokeExact(memory, memory.byteSize(), mode);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Goes back to the start of a stream. */
    static void rewind(final MemorySegment stream) {
        try {
            REWIND.invokeExact(stream);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Writes out what every stream has buffered. */
    static void flushAll() {
        try {
            final int ignored = (int) FFLUSH.invokeExact(MemorySegment.NULL);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Makes an anonymous file; negative on failure. */
    static int memfdCreate(final MemorySegment name) {
        try {
            return (int) MEMFD_CREATE.invokeExact(name, 0);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Makes a counter, which is readable unless it is 0; negative on failure. */
    static int eventfd(final int count) {
        try {
            return (int) EVENTFD.invokeExact(count, 0);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int dup(final int fd) {
        try {
            return (int) DUP.invokeExact(fd);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int dup2(final int from, final int to) {
        try {
            return (int) DUP2.invokeExact(from, to);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static void close(final int fd) {
        try {
            final int ignored = (int) CLOSE.invokeExact(fd);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Reads from the start of a file; bytes read, or negative. */
    static long readFromStart(final int fd, final MemorySegment into) {
        try {
            return (long) PREAD.invokeExact(fd, into, into.byteSize(), 0L);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(final String name, final FunctionDescriptor descriptor) {
        final Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
