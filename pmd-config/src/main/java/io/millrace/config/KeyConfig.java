package io.millrace.config;

import io.millrace.config.problem.Located;
import java.nio.file.Path;
import java.util.List;

/**
 * A key that services over TCP and their peers sign segments with.
 *
 * @param peers the peers, an address or a network; syntax is checked by whoever knows addresses
 * @param algorithm what signs
 * @param secret the file that holds the secret; read by whoever makes the key
 * @param sendId KeyID of what we sign, 0 to 255; 0 for MD5
 * @param receiveId KeyID of what the peers sign, 0 to 255; 0 for MD5
 * @param coversOptions whether codes cover the other options; false for MD5
 * @param ports of the services that it is for; empty for all
 */
public record KeyConfig(
        Located<String> peers,
        KeyAlgorithm algorithm,
        Located<Path> secret,
        int sendId,
        int receiveId,
        boolean coversOptions,
        List<Integer> ports) {
    /** Whether it is for a service. */
    public boolean isFor(int port) {
        return ports.isEmpty() || ports.contains(port);
    }
}
