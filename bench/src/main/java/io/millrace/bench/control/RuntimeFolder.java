package io.millrace.bench.control;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.netns.Namespace;
import io.millrace.dataplane.linux.FolderLock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where running servers have their control sockets, one file {@code NAME.sock} each: {@code $MILLRACE_RUNTIME_DIR}, else
 * {@code /run/millrace} for root, else {@code $XDG_RUNTIME_DIR/millrace}, else {@code /tmp/millrace-UID}. The folder is
 * its owner's alone.
 */
public final class RuntimeFolder {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}");
    private static final String SUFFIX = ".sock";
    /** No longer than the other, for Linux takes no more than 107 characters in all. */
    private static final String UNBORN = ".new";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final Path path;

    private RuntimeFolder(Path path) {
        this.path = path;
    }

    /** The folder of this user; it need not exist yet. */
    public static RuntimeFolder ofUser() {
        return of(System::getenv, Namespace.isRoot(), uid());
    }

    static RuntimeFolder of(UnaryOperator<@Nullable String> environment, boolean root, int uid) {
        final String chosen = environment.apply("MILLRACE_RUNTIME_DIR");
        if (chosen != null && !chosen.isEmpty()) {
            return new RuntimeFolder(Path.of(chosen));
        }
        if (root && Files.isWritable(Path.of("/run"))) {
            return new RuntimeFolder(Path.of("/run/millrace"));
        }
        final String xdg = environment.apply("XDG_RUNTIME_DIR");
        if (xdg != null && !xdg.isEmpty() && Files.isWritable(Path.of(xdg))) {
            return new RuntimeFolder(Path.of(xdg, "millrace"));
        }
        return new RuntimeFolder(Path.of("/tmp/millrace-" + uid));
    }

    private static int uid() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new UserErrorException("/proc is not mounted, so there is no telling whose process this is", e);
        }
    }

    /** The folder itself. */
    public Path path() {
        return path;
    }

    /**
     * The socket of an instance.
     *
     * @throws UserErrorException if that is no name for an instance
     */
    public Path socket(String instance) {
        if (!NAME.matcher(instance).matches()) {
            throw new UserErrorException(
                    "'" + instance + "' is no name for an instance; use letters, digits, '_', '-' and '.', 63 at most");
        }
        return path.resolve(instance + SUFFIX);
    }

    /** Where the socket of an instance is until it listens. */
    Path unborn(String instance) {
        return path.resolve(instance + UNBORN);
    }

    /**
     * Makes the folder, if it is not there, and waits for its lock. Sockets come and go only under that, for another
     * command or server may look at the same time.
     *
     * @throws IOException if it cannot be made, or is somebody else's or open to others
     */
    FolderLock lock() throws IOException {
        while (true) {
            // Between these the last server may have ended, and removed it.
            final FolderLock lock = isThere() ? FolderLock.take(path) : null;
            if (lock != null) {
                return lock;
            }
        }
    }

    /** Makes the folder, if it is not there; returns whether it still is. */
    private boolean isThere() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        final Map<String, Object> known;
        try {
            known = Files.readAttributes(path, "unix:isDirectory,uid,permissions", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return false;
        }
        // In /tmp anybody may have been here first.
        if (!Boolean.TRUE.equals(known.get("isDirectory")) || !Objects.equals(known.get("uid"), uid())) {
            throw new IOException(path + " is not a folder of ours");
        }
        if (!OWNER_ONLY.equals(known.get("permissions"))) {
            throw new IOException(path + " is open to others; chmod 700 it");
        }
        return true;
    }

    /** Removes a socket, and the folder unless there is something else in it. */
    void remove(Path socket) throws IOException {
        try (FolderLock lock = FolderLock.take(path)) {
            if (lock != null) {
                Files.deleteIfExists(socket);
                Files.deleteIfExists(path);
            }
        } catch (DirectoryNotEmptyException e) {
            // Another server's socket is in it.
        }
    }

    /** The instances that live, by name; files of those that died are taken away. */
    public List<String> running() {
        final List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*" + SUFFIX)) {
            for (final Path file : files) {
                if (!(isDead(file) && removeIfDead(file)) && Files.exists(file)) {
                    final String name = String.valueOf(file.getFileName());
                    names.add(name.substring(0, name.length() - SUFFIX.length()));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return names; // and nobody runs, or the last one has just ended
        } catch (IOException e) {
            throw new UserErrorException("cannot look into " + path + ": " + e.getMessage(), e);
        }
        names.sort(null);
        return names;
    }

    /** Takes away the socket of a server that died, unless a new one is in its place by now; returns whether it is gone. */
    boolean removeIfDead(Path socket) throws IOException {
        try (FolderLock lock = FolderLock.take(path)) {
            if (lock == null || !isDead(socket)) {
                return false;
            }
            Files.deleteIfExists(socket);
            return true;
        }
    }

    /**
     * Whether the system says that nobody listens on a socket; if it cannot say, for instance to another user, not. Does not
     * wait for a server that takes no clients.
     */
    static boolean isDead(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
