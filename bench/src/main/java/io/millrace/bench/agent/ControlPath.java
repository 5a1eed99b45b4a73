package io.millrace.bench.agent;

import io.millrace.bench.command.UserErrorException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The place of a control socket, as {@code --control} names it. */
final class ControlPath {
    private static final String FLAG = "--control: ";
    private static final String PREFIX = "unix:";

    /** {@code sun_path} less its end. */
    private static final int LONGEST = 107;

    /** Most connections that wait to be taken; another one has to wait before it is made. */
    private static final int BACKLOG = 4_096;

    private ControlPath() {}

    /**
     * Parses {@code unix:PATH}.
     *
     * @throws UserErrorException if it is not that
     */
    static Path parse(String text) {
        if (!text.startsWith(PREFIX) || text.length() == PREFIX.length()) {
            throw new UserErrorException(FLAG + "'" + text + "' names no socket; write unix:PATH");
        }
        final String path = text.substring(PREFIX.length());
        if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new UserErrorException(FLAG + "the path of the socket is longer than " + LONGEST
                    + " bytes, which Unix sockets do not allow; choose a shorter one");
        }
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new UserErrorException(FLAG + "'" + path + "' is no path; write unix:PATH", e);
        }
    }

    /**
     * Listens there, for nobody but our user. A socket that nobody answers on is replaced.
     *
     * @throws UserErrorException if it cannot
     */
    static ServerSocketChannel listen(Path path) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    || Files.isSymbolicLink(path)) {
                throw new UserErrorException(FLAG + path + " is there and is no socket; choose another path");
            }
            if (answers(path)) {
                throw new UserErrorException(FLAG + "somebody listens on " + path + "; stop it or choose another path");
            }
        }
        ServerSocketChannel listener = null;
        try {
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            Files.deleteIfExists(path);
            listener.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return listener;
        } catch (IOException e) {
            if (listener != null) {
                close(listener);
            }
            throw new UserErrorException(
                    FLAG + "no socket can be made at " + path + ": " + e.getMessage()
                            + "; name a file in a folder that you may write to",
                    e);
        }
    }

    private static void close(ServerSocketChannel listener) {
        try {
            listener.close();
        } catch (IOException e) {
            System.getLogger(ControlPath.class.getName()).log(System.Logger.Level.WARNING, "left open", e);
        }
    }

    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
