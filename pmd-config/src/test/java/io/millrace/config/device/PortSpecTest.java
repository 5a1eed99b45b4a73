package io.millrace.config.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PortSpecTest {
    private static PortSpec parse(String text) {
        final Problems problems = new Problems();
        final Located<PortSpec> spec = PortSpec.parse(new Located<>(text, Place.flag("--port")), problems);
        assertEquals(List.of(), problems.lines());
        assertNotNull(spec);
        return spec.value();
    }

    private static String problemsOf(String text) {
        final Problems problems = new Problems();
        assertNull(PortSpec.parse(new Located<>(text, Place.flag("--port")), problems));
        return String.join("\n", problems.lines());
    }

    @Test
    void shouldKeepParametersInOrderWhenDeviceIsVirtual() {
        final PortSpec spec = parse("net_af_packet0,iface=mr0,qpairs=2");
        assertEquals(
                new PortSpec.Vdev(VdevDriver.AF_PACKET, "net_af_packet0", Map.of("iface", "mr0", "qpairs", "2")), spec);
        assertEquals("net_af_packet0,iface=mr0,qpairs=2", spec.text());
        assertTrue(spec.needsDpdk());
    }

    @ParameterizedTest
    @CsvSource({
        "01:00.0, 0000:01:00.0",
        "0000:3B:00.1, 0000:3b:00.1",
        "'0000:01:00.0,rxq_cqe_comp_en=0', '0000:01:00.0,rxq_cqe_comp_en=0'",
        "tap:mr0, tap:mr0",
        "tun:mr0, tun:mr0",
        "packet:mr0, packet:mr0",
        "net_tun0, net_tun0",
        "' net_null0 ', net_null0",
    })
    void shouldGiveCanonicalTextWhenSpecIsValid(String text, String canonical) {
        final PortSpec spec = parse(text);
        assertEquals(canonical, spec.text());
        assertEquals(spec, parse(canonical));
    }

    @ParameterizedTest
    @CsvSource({
        "tap:mr0, true, false",
        "tun:mr0, false, false",
        "packet:mr0, true, false",
        "net_tap0, true, true",
        "net_tun0, false, true"
    })
    void shouldKnowMediumAndNeedOfDpdkWhenParsed(String text, boolean ethernet, boolean dpdk) {
        assertEquals(ethernet, parse(text).isEthernet());
        assertEquals(dpdk, parse(text).needsDpdk());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                          | no device",
                "eth1                        | for a kernel interface write net_af_packet0,iface=eth1",
                "net_afpacket0               | no driver net_afpacket; did you mean net_af_packet?",
                "net_wormhole0               | no driver net_wormhole; known: net_af_packet, net_af_xdp",
                "net_af_packet0              | lacks iface=; write net_af_packet0,iface=INTERFACE",
                "net_af_packet,iface=mr0     | add a number: net_af_packet0",
                "net_null0,sise=64           | net_null has no parameter 'sise'; did you mean size?",
                "net_null0,size              | 'size' in 'net_null0,size' is no parameter; write KEY=VALUE",
                "net_null0,                  | is no parameter",
                "net_null0,size=1,size=2     | 'size' is given twice",
                "net_tap0,iface=averylongname123 | is too long; the kernel takes at most 15",
                "tap:                        | names no interface",
                "tap:a/b                     | cannot be the name of an interface",
                "tun:..                      | cannot be the name of an interface",
                "0000:01:00                  | is not a device",
            })
    void shouldSayWhatIsWrongAndWhatWouldBeRightWhenSpecIsNot(String text, String expected) {
        final String problems = problemsOf(text);
        assertTrue(problems.startsWith("--port: "), problems);
        assertTrue(problems.contains(expected), problems);
    }

    @Test
    void shouldReportEveryProblemWhenThereAreSeveral() {
        assertEquals(2, problemsOf("net_af_packet0,ifase=mr0").lines().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "net_\0", "tap:\u00e9", "net_null0,size=\n", ":::", "net_null0,=,=,"})
    void shouldNeverThrowWhenTextIsOdd(String text) {
        PortSpec.parse(new Located<>(text, Place.flag("--port")), new Problems());
    }

    /** Drivers carry their parameters as text for {@code dpdk-pmdinfo}; ours must be among them. */
    @ParameterizedTest
    @EnumSource(VdevDriver.class)
    void shouldListOnlyParametersThatTheInstalledDriverHas(VdevDriver driver) throws IOException {
        final String library = driver == VdevDriver.TUN ? "tap" : driver.name().toLowerCase(Locale.ROOT);
        final Path file = Path.of("/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0/librte_net_"
                + (driver == VdevDriver.VIRTIO_USER ? "virtio" : library) + ".so.23");
        assumeTrue(Files.exists(file), file + " is not installed");
        final String binary = Files.readString(file, StandardCharsets.ISO_8859_1);
        final Matcher info = Pattern.compile("\"name\": \"" + driver.prefix() + "\", \"params\": \"([^\"]*)\"")
                .matcher(binary);
        assertTrue(info.find(), driver + " tells nothing of its parameters");
        for (final String parameter : driver.parameters()) {
            // Some drivers understand a few more than they tell of; those are strings of theirs all the same.
            assertTrue(
                    info.group(1).contains(parameter + "=") || binary.contains("\0" + parameter + "\0"),
                    driver + ": " + parameter);
        }
    }
}
