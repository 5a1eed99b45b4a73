package io.millrace.bench.nc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.bench.command.UserErrorException;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the flags of {@code millrace nc} make of secrets in files. */
class NcKeysTest {
    @TempDir
    private Path folder;

    private Path file(String secret) throws IOException {
        return Files.writeString(folder.resolve("secret"), secret);
    }

    @Test
    void shouldBeForOnePeerOrForWhoeverComes() throws Exception {
        final NcKeys keys = NcKeys.md5(file("a secret\n"));
        final TcpKeys ofConnection = TcpKeys.create();
        keys.apply(ofConnection, IpAddress.parse("192.0.2.1"));
        assertEquals("[MD5 key for 192.0.2.1/32]", ofConnection.toString());
        final TcpKeys ofListener = TcpKeys.create();
        keys.apply(ofListener, null);
        assertEquals("[MD5 key for 0.0.0.0/0, MD5 key for ::/0]", ofListener.toString());
    }

    @ParameterizedTest
    @CsvSource({"7, 7/7", "7:9, 7/9", "0:255, 0/255"})
    void shouldReadKeyIds(String ids, String expected) throws Exception {
        final TcpKeys keys = TcpKeys.create();
        NcKeys.ao(file("s"), AoAlgorithm.AES_128_CMAC_96, ids).apply(keys, IpAddress.parse("2001:db8::1"));
        assertEquals("[TCP-AO key " + expected + " for 2001:db8::1/128]", keys.toString());
        assertEquals(AoAlgorithm.AES_128_CMAC_96, keys.aoKeys().getFirst().algorithm());
    }

    @ParameterizedTest
    @CsvSource({"256", "1:2:3", "1:", "-1", "x", "''"})
    void shouldRefuseWhatAreNoKeyIds(String ids) throws Exception {
        final Path secret = file("s");
        final UserErrorException refused =
                assertThrows(UserErrorException.class, () -> NcKeys.ao(secret, AoAlgorithm.HMAC_SHA_1_96, ids));
        assertEquals("--ao-ids: '" + ids + "' are no key IDs; write SEND:RECEIVE, each 0 to 255", refused.getMessage());
    }

    @Test
    void shouldSayWhatIsWrongWithAFile() throws Exception {
        final Path missing = folder.resolve("none");
        assertEquals(
                "--md5: cannot read " + missing + "; name a file that holds the secret, and nothing else",
                assertThrows(UserErrorException.class, () -> NcKeys.md5(missing))
                        .getMessage());
        final Path empty = file("\r\n");
        assertEquals(
                "--md5: " + empty + " is empty; write the secret into it",
                assertThrows(UserErrorException.class, () -> NcKeys.md5(empty)).getMessage());
        final Path large = file("x".repeat(81));
        assertEquals(
                "--ao: " + large + " has 81 bytes; a secret for TCP-AO has at most 80",
                assertThrows(UserErrorException.class, () -> NcKeys.ao(large, AoAlgorithm.HMAC_SHA_1_96, "1"))
                        .getMessage());
    }
}
