package io.millrace.bench.plan;

import io.millrace.config.KeyConfig;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A key for services over TCP, made of what a file says of it. One of both is there.
 *
 * @param config what the file says
 * @param peers who signs with it
 */
public record ServiceKey(
        KeyConfig config,
        Cidr<? extends IpAddress> peers,
        @Nullable Md5Key md5,
        @Nullable AoKey ao) {
    /**
     * Whether it is for a listener.
     *
     * @param port where that listens
     * @param family of the addresses that it listens at, one of {@link IpFamily}
     */
    public boolean isFor(int port, int family) {
        return config.isFor(port) && peers.address().family() == family;
    }

    /**
     * Gives it to a listener.
     *
     * @throws IllegalArgumentException if it contradicts another key
     */
    public void addTo(TcpKeys keys) {
        if (md5 != null) {
            keys.set(md5);
        }
        if (ao != null) {
            keys.set(ao);
        }
    }
}
