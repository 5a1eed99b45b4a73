package io.millrace.bench.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.ServeConfig;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.problem.Problems;
import io.millrace.stack.wire.IpFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of a file, with their secrets. */
final class KeyChecksTest {
    private final Problems problems = new Problems();

    @TempDir
    private Path folder;

    private List<ServiceKey> keys(final String text) throws IOException {
        Files.writeString(folder.resolve("good.key"), "a secret\n");
        Files.writeString(folder.resolve("empty.key"), "\n");
        Files.writeString(folder.resolve("long.key"), "x".repeat(81));
        final String ports = "ports: [{device: tap:mr0, addresses: [192.0.2.1/24]}]\ntcp: [echo:7, discard:9]\n";
        final ServeConfig config =
                ConfigFile.parse("keys.yaml", ports + text, folder, problems).resolve();
        assertEquals(List.of(), problems.lines());
        assertNotNull(config);
        return KeyChecks.check(config, problems);
    }

    private String problems() {
        return String.join("\n", problems.lines()).replace(folder + "/", "");
    }

    @Test
    void shouldMakeKeys() throws IOException {
        final List<ServiceKey> keys = keys("""
            keys:
              - {peer: 192.0.2.0/24, secret: good.key, ids: "3:4", algorithm: aes-128-cmac-96, options: no, ports: 7}
              - {peer: 192.0.2.7, secret: good.key, algorithm: md5, ports: [9]}
              - {peer: "2001:db8::/32", secret: good.key}
            """);
        assertEquals("", problems());
        assertEquals(
                List.of("TCP-AO key 3/4 for 192.0.2.0/24", "TCP-AO key 1/1 for 2001:db8::/32"),
                keys.stream()
                        .filter(key -> key.ao() != null)
                        .map(key -> String.valueOf(key.ao()))
                        .toList());
        assertEquals("192.0.2.7/32", keys.get(1).peers().toString());
        assertFalse(Objects.requireNonNull(keys.getFirst().ao()).coversOptions());
        final ServiceKey first = keys.getFirst();
        assertTrue(first.isFor(7, IpFamily.V4));
        assertFalse(first.isFor(9, IpFamily.V4));
        assertFalse(first.isFor(7, IpFamily.V6));
        assertTrue(keys.getLast().isFor(9, IpFamily.V6));
    }

    @Test
    void shouldSayWhatIsWrongWithAKey() throws IOException {
        keys("""
            keys:
              - {peer: everybody, secret: good.key}
              - {peer: 192.0.2.7/24, secret: empty.key}
              - {peer: 192.0.2.8, secret: long.key}
              - {peer: 192.0.2.9, secret: missing.key}
              - {peer: 192.0.2.10, secret: .}
            """);
        assertEquals("""
            keys.yaml:4: keys[0].peer: 'everybody' is no address or network; write who signs with the key, for instance \
            192.0.2.7 or 2001:db8::/64
            keys.yaml:5: keys[1].peer: 192.0.2.7/24 is no network: bits behind its prefix are set; write 192.0.2.0/24
            keys.yaml:5: keys[1].secret: empty.key is empty; a secret has 1 to 80 bytes
            keys.yaml:6: keys[2].secret: long.key has 81 bytes; a secret has 1 to 80 bytes
            keys.yaml:7: keys[3].secret: there is no file missing.key; name one that holds the secret, and nothing else
            keys.yaml:8: keys[4].secret: %s cannot be read; name one that holds the secret, and nothing else\
            """.formatted(folder), problems());
    }

    @Test
    void shouldSayWhichKeysContradictOneAnother() throws IOException {
        keys("""
            keys:
              - {peer: 192.0.2.0/24, secret: good.key, ports: 7}
              - {peer: 192.0.2.7, secret: good.key, ids: "1:2"}
              - {peer: 192.0.2.8, secret: good.key, algorithm: md5, ports: 7}
              - {peer: 192.0.2.9, secret: good.key, algorithm: md5, ports: 9}
              - {peer: 192.0.2.9, secret: good.key, algorithm: md5, ports: 9}
            """);
        assertEquals("""
            keys.yaml:5: keys[1].peer: echo:7: there is a TCP-AO key 1/1 for 192.0.2.0/24; give 192.0.2.7/32 other IDs \
            than 1/2
            keys.yaml:6: keys[2].peer: echo:7: keys for MD5 and for TCP-AO for peers of both 192.0.2.8/32 and \
            192.0.2.0/24; use one kind
            keys.yaml:8: keys[4].peer: discard:9: there is an MD5 key for 192.0.2.9/32 already; leave one of them out\
            """, problems());
    }
}
