package io.millrace.dataplane.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a folder, for processes and threads that agree to change what is in it one at a time ({@code flock}). Leaves
 * no file behind and ends with its process. Not for a thread that has it already.
 */
public final class FolderLock implements AutoCloseable {
    private static final int O_RDONLY = 0;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final int fd;

    private FolderLock(final int fd) {
        this.fd = fd;
    }

    /**
     * Waits for the lock.
     *
     * @return null if the folder is not there, or was removed meanwhile
     * @throws IOException if it cannot be looked at
     */
    public static @Nullable FolderLock take(final Path folder) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment errno = arena.allocate(Linux.ERRNO);
            final int fd = Linux.open(errno, arena.allocateFrom(folder.toString()), O_RDONLY | Linux.O_CLOEXEC);
            if (fd < 0) {
                if (Linux.errno(errno) == Linux.ENOENT) {
                    return null;
                }
                throw new IOException("cannot open " + folder + ": " + Linux.words(Linux.errno(errno)));
            }
            final FolderLock lock = new FolderLock(fd);
            boolean taken = false;
            try {
                while (Linux.lock(errno, fd) < 0) {
                    if (Linux.errno(errno) != Linux.EINTR) {
                        throw new IOException("cannot lock " + folder + ": " + Linux.words(Linux.errno(errno)));
                    }
                }
                taken = lock.isOf(folder);
            } finally {
                if (!taken) {
                    lock.close();
                }
            }
            return taken ? lock : null;
        }
    }

    /** Whoever had the lock before may have removed the folder, and somebody else made another one of this name. */
    private boolean isOf(final Path folder) throws IOException {
        try {
            return key(DESCRIPTORS.resolve(Integer.toString(fd))).equals(key(folder));
        } catch (final NoSuchFileException e) {
            return false;
        }
    }

    private static Object key(final Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Gives it up. Once only. */
    @Override
    public void close() {
        Linux.close(fd);
    }
}
