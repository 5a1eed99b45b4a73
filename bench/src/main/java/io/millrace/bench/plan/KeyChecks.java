package io.millrace.bench.plan;

import io.millrace.config.KeyAlgorithm;
import io.millrace.config.KeyConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.ServiceSpec;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the keys that a file describes: reads their secrets, and sees whether they go together. */
final class KeyChecks {
    private KeyChecks() {}

    /** The keys of a configuration; what is wrong with them is added to the problems. */
    static List<ServiceKey> check(ServeConfig config, Problems problems) {
        final List<ServiceKey> keys = new ArrayList<>();
        for (final KeyConfig each : config.keys()) {
            final ServiceKey key = make(each, problems);
            if (key != null) {
                keys.add(key);
            }
        }
        checkTogether(config, keys, problems);
        return List.copyOf(keys);
    }

    private static @Nullable ServiceKey make(KeyConfig config, Problems problems) {
        final Cidr<? extends IpAddress> peers = peers(config.peers(), problems);
        final byte[] secret = secret(config, problems);
        if (peers == null || secret == null) {
            return null;
        }
        if (config.algorithm() == KeyAlgorithm.MD5) {
            return new ServiceKey(config, peers, new Md5Key(peers, secret), null);
        }
        final AoAlgorithm algorithm = config.algorithm() == KeyAlgorithm.HMAC_SHA_1_96
                ? AoAlgorithm.HMAC_SHA_1_96
                : AoAlgorithm.AES_128_CMAC_96;
        final AoKey key = new AoKey(peers, algorithm, secret, config.sendId(), config.receiveId());
        return new ServiceKey(config, peers, null, config.coversOptions() ? key : key.withoutOptions());
    }

    private static @Nullable Cidr<? extends IpAddress> peers(Located<String> text, Problems problems) {
        try {
            final Cidr<? extends IpAddress> peers;
            if (text.value().indexOf('/') < 0) {
                final IpAddress host = IpAddress.parse(text.value());
                peers = new Cidr<>(host, host.bits());
            } else {
                peers = Cidr.parse(text.value());
            }
            if (!peers.network().equals(peers)) {
                problems.add(
                        text.place(),
                        peers + " is no network: bits behind its prefix are set",
                        "write " + peers.network());
                return null;
            }
            return peers;
        } catch (AddressSyntaxException e) {
            problems.add(
                    text.place(),
                    "'" + text.value() + "' is no address or network",
                    "write who signs with the key, for instance 192.0.2.7 or 2001:db8::/64");
            return null;
        }
    }

    private static byte @Nullable [] secret(KeyConfig config, Problems problems) {
        final Located<Path> file = config.secret();
        final byte[] secret;
        try {
            secret = SecretFile.read(file.value());
        } catch (IOException e) {
            problems.add(
                    file.place(),
                    Files.exists(file.value()) ? file.value() + " cannot be read" : "there is no file " + file.value(),
                    "name one that holds the secret, and nothing else");
            return null;
        }
        final int most = config.algorithm() == KeyAlgorithm.MD5 ? Md5Key.MAX_SECRET : AoKey.MAX_SECRET;
        if (secret.length == 0 || secret.length > most) {
            problems.add(
                    file.place(),
                    file.value() + (secret.length == 0 ? " is empty" : " has " + secret.length + " bytes"),
                    "a secret has 1 to " + most + " bytes");
            return null;
        }
        return secret;
    }

    /** As the listener of each service would take them. */
    private static void checkTogether(ServeConfig config, List<ServiceKey> keys, Problems problems) {
        final List<ServiceKey> told = new ArrayList<>();
        for (final Located<ServiceSpec> service : config.tcp()) {
            final TcpKeys taken = TcpKeys.create();
            for (final ServiceKey key : keys) {
                if (told.contains(key)) {
                    continue;
                }
                final String wrong = conflict(taken, key, service.value().port());
                if (wrong != null) {
                    final String[] parts = Arrays.copyOf(wrong.split("; ", 2), 2);
                    problems.add(
                            key.config().peers().place(),
                            service.value() + ": " + parts[0],
                            parts[1] == null ? "leave one of them out" : parts[1]);
                    told.add(key);
                }
            }
        }
    }

    private static @Nullable String conflict(TcpKeys taken, ServiceKey key, int port) {
        if (!key.config().isFor(port)) {
            return null;
        }
        if (key.md5() != null
                && taken.md5Keys().stream().anyMatch(other -> other.peer().equals(key.peers()))) {
            return "there is an MD5 key for " + key.peers() + " already; leave one of them out";
        }
        try {
            key.addTo(taken);
            return null;
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
