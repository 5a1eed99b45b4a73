package io.millrace.bench.veth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code millrace bench veth} refuses before it makes namespaces. */
final class VethCommandTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        foo   | 'foo' in 'net_af_packet0,iface=mr0,foo' is no parameter; write KEY=VALUE
        foo=1 | net_af_packet has no parameter 'foo'; known: blocksz, framecnt, framesz, iface, qdisc_bypass, qpairs
        """)
    void shouldSayWhatIsWrongWithTheDevice(final String device, final String message) {
        final StringWriter err = new StringWriter();
        final int code = Main.run(
                new PrintWriter(new StringWriter()), new PrintWriter(err), "bench", "veth", "--device=" + device);
        assertEquals("millrace bench veth: --device: " + message, err.toString().strip());
        assertEquals(2, code);
    }

    @Test
    void shouldSayThatTheDriverTakesNoLongPackets() {
        final StringWriter err = new StringWriter();
        final int code =
                Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), "bench", "veth", "--mtu=9000");
        assertEquals(
                "millrace bench veth: --mtu is out of range; write at most 1500, or add --device packet:"
                        + " net_af_packet takes no longer frames",
                err.toString().strip());
        assertEquals(2, code);
    }
}
