package io.millrace.bench.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code millrace test packetdrill} as its user has it. */
final class PacketdrillCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** With such options no script could pass, and the mistake is not the script's. */
    @ParameterizedTest
    @CsvSource({
        "bogus=1, there is no option --bogus",
        "wire_client=1, the option --wire_client is not known here",
        "mtu=5, bad value of --mtu: 5",
        "local_ip=1.2.3, bad address: 1.2.3",
        "ip_version=ipv9, bad --ip_version: ipv9"
    })
    void shouldRefuseAnOptionThatNoScriptCouldHave(final String option, final String message) throws IOException {
        assertEquals(2, run("--set", option), out::toString);
        assertEquals(
                "millrace test packetdrill: --set: " + message
                        + "; write one of packetdrill's, such as mtu=1400 or local_ip=10.0.0.2",
                err.toString().strip());
    }

    @Test
    void shouldSetOptionsForEveryScript() throws IOException {
        assertEquals(0, run("--set", "mtu=1400", "--set", "local_ip=10.0.0.2"), out::toString);
    }

    @Test
    void shouldFailOfWhatIsUnsupportedOnlyWhenToldSo() throws IOException {
        Files.writeString(folder.resolve("b.pkt"), "0 socket(..., SOCK_STREAM, IPPROTO_MPTCP) = 3\n");
        assertEquals(0, runFolder(), out::toString);
        assertEquals(1, runFolder("--strict"), out::toString);
        Files.delete(folder.resolve("b.pkt"));
        assertEquals(0, runFolder("--strict"), out::toString);
    }

    @Test
    void shouldGoOnBehindAScriptThatCannotBeRead() throws IOException {
        final Path lost = folder.resolve("Z.pkt"); // before a.pkt
        Files.createSymbolicLink(lost, folder.resolve("nowhere"));
        assertEquals(1, runFolder(), out::toString);
        assertEquals(
                List.of(
                        "FAIL        [" + lost + "]",
                        "  " + lost + ": cannot be read: it leads to no file",
                        "OK          [" + folder.resolve("a.pkt") + "]",
                        "1 passed, 1 failed, 0 unsupported"),
                out.toString().lines().toList());
    }

    private int runFolder(final String... arguments) throws IOException {
        return run(folder, arguments);
    }

    private int run(final String... arguments) throws IOException {
        return run(folder.resolve("a.pkt"), arguments);
    }

    private int run(final Path place, final String... arguments) throws IOException {
        Files.writeString(folder.resolve("a.pkt"), "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
        final String[] all = new String[arguments.length + 3];
        all[0] = "test";
        all[1] = "packetdrill";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[all.length - 1] = place.toString();
        return Main.run(new PrintWriter(out), new PrintWriter(err), all);
    }
}
