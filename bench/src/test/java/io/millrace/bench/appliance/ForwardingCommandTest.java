package io.millrace.bench.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ForwardingCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--port net_null0 | --mode: no mode; name one with --mode",
                "--mode l2swich --port net_null0 | --mode: 'l2swich' is not possible here; write io or macswap",
                "--mode io | --port: no port; name one with --port SPEC",
                "--mode l2switch --port net_null0 | --mode: l2switch needs 2 ports or more, and there is 1",
                "--mode io --port net_null0 --port net_null1 --port net_null2 | --mode: io joins ports in pairs",
                "--mode l3router --port net_null0 | --port: no address; give one with --address",
                "--mode responder --port net_null0 | --port: no address; give one with --address",
                "--mode io --burst 0 --port net_null0 | --burst: '0' is no number of packets; write a whole number",
                "--mode macswap --port tun:mr0 | --port: a TUN interface has no Ethernet frames, which macswap needs",
                "--mode io --port net_null0 --vlan 5 | --vlan: io takes frames of every VLAN; use l3router or"
                        + " responder",
                "--mode recorder --port net_null0 --record /nowhere/x | --record: there is no folder /nowhere",
                "--mode recorder --port net_null0 --files 3 | --files: files are kept, but never begun",
                "--mode io --port net_null0 --station 02:00:00:00:00:07=4 | --station: there is no port 4"
            })
    void shouldSayInOneLineWhatToMendWhenAnArgumentIsWrong(String arguments, String line) {
        final String[] words = ("forward " + arguments).split(" ", -1);
        assertEquals(2, run(words), err::toString);
        assertTrue(err.toString().contains("millrace forward: " + line), err::toString);
        assertEquals("", out.toString());
    }

    @Test
    void shouldRefuseToServeWhenTheSettingsAreForAnAppliance() {
        assertEquals(2, run("serve", "--profile", "l2switch", "--address", "192.0.2.1/24"));
        assertTrue(err.toString().startsWith("millrace serve: "), err::toString);
    }
}
