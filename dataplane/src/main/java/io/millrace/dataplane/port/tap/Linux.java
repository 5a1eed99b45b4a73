package io.millrace.dataplane.port.tap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls that a TAP interface needs. Each takes a segment of {@link #ERRNO} for {@code errno} and returns a
 * negative value on failure. Buffers go in as addresses, so that a call makes no slice; the caller checks the bounds.
 */
final class Linux {
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    static final int AF_INET = 2;
    static final int SOCK_DGRAM = 2;

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int ENXIO = 6;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int ENODEV = 19;
    static final int EINVAL = 22;

    /** Memory for {@code errno}. */
    static final StructLayout ERRNO = Linker.Option.captureStateLayout();

    private static final VarHandle ERRNO_FIELD = ERRNO.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private static final MethodHandle OPEN = link(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), CAPTURE, Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SOCKET =
            link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), CAPTURE);
    private static final MethodHandle IOCTL = link(
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
            CAPTURE,
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle READ =
            link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG), CAPTURE);
    private static final MethodHandle WRITE =
            link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG), CAPTURE);
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle STRERROR = link("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private Linux() {}

    static int open(final MemorySegment errno, final MemorySegment path, final int flags) {
        try {
            return (int) OPEN.invokeExact(errno, path, flags);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int socket(final MemorySegment errno, final int domain, final int type) {
        try {
            return (int) SOCKET.invokeExact(errno, domain, type, 0);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int ioctl(final MemorySegment errno, final int fd, final long request, final MemorySegment argument) {
        try {
            return (int) IOCTL.invokeExact(errno, fd, request, argument);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static long read(final MemorySegment errno, final int fd, final long address, final long length) {
        try {
            return (long) READ.invokeExact(errno, fd, address, length);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    static long write(final MemorySegment errno, final int fd, final long address, final long length) {
        try {
            return (long) WRITE.invokeExact(errno, fd, address, length);
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

    /** What the last call that failed left in its segment. */
    static int errno(final MemorySegment errno) {
        return (int) ERRNO_FIELD.get(errno, 0L);
    }

    /** The C library's words for an {@code errno}. */
    @SuppressWarnings("restricted")
    static String words(final int errno) {
        try {
            final MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(
            final String name, final FunctionDescriptor descriptor, final Linker.Option... options) {
        final Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }
}
