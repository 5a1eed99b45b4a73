package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder that EAL makes for its sockets and locks, {@code /run/dpdk/PREFIX}, and leaves behind.
 */
final class RuntimeFolder {
    private static final String TELEMETRY_SOCKETS = "dpdk_telemetry.v2*";

    private RuntimeFolder() {}

    /** Where it is; null if EAL has not come so far as to make it. */
    static @Nullable Path find() {
        final String folder = Dpdk.rte_eal_get_runtime_dir().getString(0);
        return folder.isEmpty() ? null : Path.of(folder);
    }

    /** Removes it, unless something is in it that may be another process's. */
    static void remove(final @Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try {
            final Path name = folder.getFileName();
            // DPDK removes its telemetry sockets when the process ends, which is too late for the folder. With a prefix
            // that holds our process id they can only be ours.
            if (name != null
                    && name.toString()
                            .contains(Long.toString(ProcessHandle.current().pid()))) {
                removeSockets(folder);
            }
            Files.deleteIfExists(folder);
        } catch (final DirectoryNotEmptyException e) {
            System.getLogger(RuntimeFolder.class.getName()).log(System.Logger.Level.DEBUG, folder + " is in use");
        } catch (final IOException e) {
            System.getLogger(RuntimeFolder.class.getName()).log(System.Logger.Level.DEBUG, e.toString());
        }
    }

    private static void removeSockets(final Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> sockets = Files.newDirectoryStream(folder, TELEMETRY_SOCKETS)) {
                for (final Path socket : sockets) {
                    Files.deleteIfExists(socket);
                }
            }
        }
    }
}
