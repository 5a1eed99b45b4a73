package io.millrace.dataplane.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** The system calls for memory in pages; numbers are those of Linux on x86-64 and AArch64. */
final class PageCalls {
    /** What {@link #map} gives for none. */
    static final long FAILED = -1;

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MADV_HUGEPAGE = 14;

    private static final MethodHandle MMAP = link(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = link("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MADVISE =
            link("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

    private PageCalls() {}

    /** Maps fresh memory of so many bytes. Returns its address, or {@link #FAILED}. */
    static long map(final long length) {
        try {
            return (long) MMAP.invokeExact(0L, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Gives back what was mapped. Returns 0, or less on failure. */
    static int unmap(final long address, final long length) {
        try {
            return (int) MUNMAP.invokeExact(address, length);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Asks for huge pages. Returns 0, or less where the kernel has none. */
    static int adviseHugePages(final long address, final long length) {
        try {
            return (int) MADVISE.invokeExact(address, length, MADV_HUGEPAGE);
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
