package io.millrace.bench.nc;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.plan.SecretFile;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code millrace nc} signs segments with. */
final class NcKeys {
    private static final List<Cidr<? extends IpAddress>> ANYBODY = List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));

    private final byte[] secret;
    /** Null for MD5. */
    private final @Nullable AoAlgorithm algorithm;

    private final int sendId;
    private final int receiveId;

    private NcKeys(byte[] secret, @Nullable AoAlgorithm algorithm, int sendId, int receiveId) {
        this.secret = secret;
        this.algorithm = algorithm;
        this.sendId = sendId;
        this.receiveId = receiveId;
    }

    /**
     * Reads an MD5 secret.
     *
     * @param file its bytes; the end of a line behind them is none of it
     */
    static NcKeys md5(Path file) {
        final byte[] secret = secret("--md5", file);
        if (secret.length > Md5Key.MAX_SECRET) {
            throw new UserErrorException("--md5: " + file + " has " + secret.length
                    + " bytes; a secret for MD5 has at most " + Md5Key.MAX_SECRET);
        }
        return new NcKeys(secret, null, 0, 0);
    }

    /**
     * Reads a secret for TCP-AO.
     *
     * @param ids KeyIDs of what is sent and received, with a colon between; one for both
     */
    static NcKeys ao(Path file, AoAlgorithm algorithm, String ids) {
        final byte[] secret = secret("--ao", file);
        if (secret.length > AoKey.MAX_SECRET) {
            throw new UserErrorException("--ao: " + file + " has " + secret.length
                    + " bytes; a secret for TCP-AO has at most " + AoKey.MAX_SECRET);
        }
        final String[] words = ids.split(":", -1);
        return new NcKeys(secret, algorithm, id(words[0], ids, words), id(words[words.length - 1], ids, words));
    }

    private static int id(String word, String ids, String[] words) {
        if (words.length > 2 || !word.matches("[0-9]{1,3}") || Integer.parseInt(word) > AoKey.MAX_ID) {
            throw new UserErrorException(
                    "--ao-ids: '" + ids + "' are no key IDs; write SEND:RECEIVE, each 0 to " + AoKey.MAX_ID);
        }
        return Integer.parseInt(word);
    }

    private static byte[] secret(String flag, Path file) {
        final byte[] secret;
        try {
            secret = SecretFile.read(file);
        } catch (IOException e) {
            throw new UserErrorException(
                    flag + ": cannot read " + file + "; name a file that holds the secret, and nothing else", e);
        }
        if (secret.length == 0) {
            throw new UserErrorException(flag + ": " + file + " is empty; write the secret into it");
        }
        return secret;
    }

    /** Sets the keys for a peer; null for whoever comes. */
    void apply(TcpKeys keys, @Nullable IpAddress peer) {
        final List<Cidr<? extends IpAddress>> peers = peer == null ? ANYBODY : List.of(host(peer));
        for (final Cidr<? extends IpAddress> each : peers) {
            if (algorithm == null) {
                keys.set(new Md5Key(each, secret));
            } else {
                keys.set(new AoKey(each, algorithm, secret, sendId, receiveId));
            }
        }
    }

    private static Cidr<? extends IpAddress> host(IpAddress peer) {
        return new Cidr<>(peer, peer.bits());
    }
}
