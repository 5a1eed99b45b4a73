package io.millrace.dataplane.linux;

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
 * The system calls that ports, the kernel's routing tables and locks need. Each takes a segment of {@link #ERRNO} for {@code
 * errno} and returns a negative value on failure. Buffers go in as addresses, so that a call makes no slice; the caller
 * checks the bounds. For the packages of this module; names and numbers are those of the C library, Linux on x86-64 and
 * AArch64.
 */
@SuppressWarnings("MissingJavadoc")
public final class Linux {
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final short POLLIN = 1;

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int ENXIO = 6;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENOBUFS = 105;

    private static final int LOCK_EX = 2;

    /** Memory for {@code errno}. */
    public static final StructLayout ERRNO = Linker.Option.captureStateLayout();

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
    private static final MethodHandle WRITEV =
            link("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT), CAPTURE);
    private static final MethodHandle READV =
            link("readv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT), CAPTURE);
    private static final MethodHandle RECVMMSG = link(
            "recvmmsg", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG), CAPTURE);
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), CAPTURE);
    private static final MethodHandle SETSOCKOPT = link(
            "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), CAPTURE);
    private static final MethodHandle GETSOCKOPT = link(
            "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), CAPTURE);
    private static final MethodHandle POLL =
            link("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), CAPTURE);
    private static final MethodHandle FLOCK =
            link("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), CAPTURE);
    private static final MethodHandle STRERROR = link("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private Linux() {}

    public static int open(final MemorySegment errno, final MemorySegment path, final int flags) {
        try {
            return (int) OPEN.invokeExact(errno, path, flags);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    public static int socket(final MemorySegment errno, final int domain, final int type) {
        try {
            return (int) SOCKET.invokeExact(errno, domain, type, 0);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    public static int ioctl(final MemorySegment errno, final int fd, final long request, final MemorySegment argument) {
        try {
            return (int) IOCTL.invokeExact(errno, fd, request, argument);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    public static long read(final MemorySegment errno, final int fd, final long address, final long length) {
        try {
            return (long) READ.invokeExact(errno, fd, address, length);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    public static long write(final MemorySegment errno, final int fd, final long address, final long length) {
        try {
            return (long) WRITE.invokeExact(errno, fd, address, length);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Writes what an array of {@code count} pairs of address and length names. */
    public static long writev(final MemorySegment errno, final int fd, final long vectors, final int count) {
        try {
            return (long) WRITEV.invokeExact(errno, fd, vectors, count);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Reads into what an array of {@code count} pairs of address and length names. */
    public static long readv(final MemorySegment errno, final int fd, final long vectors, final int count) {
        try {
            return (long) READV.invokeExact(errno, fd, vectors, count);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Receives as many of {@code count} messages as are there: an array of {@code struct mmsghdr}. */
    public static int recvmmsg(final MemorySegment errno, final int fd, final long messages, final int count) {
        try {
            return (int) RECVMMSG.invokeExact(errno, fd, messages, count, 0, 0L);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Binds to an address of so many bytes. */
    public static int bind(final MemorySegment errno, final int fd, final MemorySegment address, final int length) {
        try {
            return (int) BIND.invokeExact(errno, fd, address, length);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Asks for an option of a socket; {@code size} has the length of {@code value}, and gets that of the answer. */
    public static int getsockopt(
            final MemorySegment errno,
            final int fd,
            final int level,
            final int name,
            final MemorySegment value,
            final MemorySegment size) {
        try {
            return (int) GETSOCKOPT.invokeExact(errno, fd, level, name, value, size);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Sets an option of a socket. */
    public static int setsockopt(
            final MemorySegment errno, final int fd, final int level, final int name, final MemorySegment value) {
        try {
            return (int) SETSOCKOPT.invokeExact(errno, fd, level, name, value, (int) value.byteSize());
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Waits for one descriptor: a {@code struct pollfd}. */
    public static int poll(final MemorySegment errno, final MemorySegment descriptor, final int timeoutMillis) {
        try {
            return (int) POLL.invokeExact(errno, descriptor, 1L, timeoutMillis);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    public static void close(final int fd) {
        try {
            final int ignored = (int) CLOSE.invokeExact(fd);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Waits for the lock of an open file, which ends when it is closed. */
    public static int lock(final MemorySegment errno, final int fd) {
        try {
            return (int) FLOCK.invokeExact(errno, fd, LOCK_EX);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** What the last call that failed left in its segment. */
    public static int errno(final MemorySegment errno) {
        return (int) ERRNO_FIELD.get(errno, 0L);
    }

    /** The C library's words for an {@code errno}. */
    @SuppressWarnings("restricted")
    public static String words(final int errno) {
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
