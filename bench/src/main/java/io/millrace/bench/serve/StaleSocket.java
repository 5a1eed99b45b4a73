package io.millrace.bench.serve;

import io.millrace.config.device.PortSpec;
import io.millrace.config.device.VdevDriver;
import io.millrace.dataplane.port.PortException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Unix sockets that drivers of DPDK listen on, and leave behind when their process is killed. The drivers themselves
 * refuse to start over one; Linux tells whether anybody still listens.
 */
final class StaleSocket {
    private StaleSocket() {}

    /**
     * Removes what a killed process left where this device wants to listen, before DPDK is started. A socket that is in
     * use stays.
     *
     * @throws PortException if it cannot be removed
     */
    static void remove(PortSpec device) {
        final String name = device instanceof PortSpec.Vdev vdev ? path(vdev.driver(), vdev.parameters()) : null;
        if (name == null) {
            return;
        }
        final Path path = Path.of(name);
        try {
            if (isSocket(path) && !isInUse(path)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new PortException(
                    "cannot remove the socket " + path + ", which nobody listens on: " + e.getMessage() + "; remove it",
                    e);
        }
    }

    /** Where the device listens; null if it does not, or has no file for it. */
    private static @Nullable String path(VdevDriver driver, Map<String, String> parameters) {
        return switch (driver) {
            case VHOST -> "1".equals(parameters.get("client")) ? null : parameters.get("iface");
            case VIRTIO_USER -> "1".equals(parameters.get("server")) ? parameters.get("path") : null;
            case MEMIF -> {
                final String role = parameters.getOrDefault("role", "client");
                final boolean listens = role.equals("server") || role.equals("master");
                final boolean file = "no".equals(parameters.get("socket-abstract"));
                yield listens && file ? parameters.get("socket") : null;
            }
            default -> null;
        };
    }

    private static boolean isSocket(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther();
    }

    private static boolean isInUse(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException e) {
            return false; // refused: there is no socket behind the file any more
        } catch (IOException e) {
            return true; // for instance one of another type, as memif's is
        }
    }
}
