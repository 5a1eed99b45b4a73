package io.millrace.bench.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
        "bogus=1, the option --bogus is not known here",
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

    private int run(final String... arguments) throws IOException {
        final Path script = folder.resolve("a.pkt");
        Files.writeString(script, "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
        final String[] all = new String[arguments.length + 3];
        all[0] = "test";
        all[1] = "packetdrill";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[all.length - 1] = script.toString();
        return Main.run(new PrintWriter(out), new PrintWriter(err), all);
    }
}
