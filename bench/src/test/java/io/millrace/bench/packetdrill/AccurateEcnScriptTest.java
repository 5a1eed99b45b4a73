package io.millrace.bench.packetdrill;

import static io.millrace.bench.packetdrill.Scripts.assertPasses;
import static io.millrace.bench.packetdrill.Scripts.assertReports;
import static io.millrace.bench.packetdrill.Scripts.run;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.ScriptParser;
import io.millrace.bench.packetdrill.script.TcpOption;
import io.millrace.stack.socket.tcp.config.EcnMode;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts with the flag, the count and the options of RFC 9768. */
final class AccurateEcnScriptTest {
    private static final String SENT = """
        `sysctl -q net.ipv4.tcp_ecn=0`
        0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
        +0 bind(3, ..., ...) = 0
        +0 listen(3, 1) = 0
        +0 < SEWA 0:0(0) win 32792 <mss 1000,ECN e0b 1 ceb 0 e1b 1,nop>
        +0 > S. 0:0(0) ack 1 <mss 1460>
        +.1 < [ect0] W. 1:1(0) ack 1 win 20000 <ECN e0b 1 ceb 0 e1b 1,nop>
        +0 accept(3, ..., ...) = 4
        +0 write(4, ..., 10) = 10
        """;

    private final Settings settings = new Settings();
    private final Flow flow = new Flow(8080, 40_000);

    private static Tcp tcp(final String packet) {
        return (Tcp)
                ScriptParser.parse("0 " + packet, Map.of()).events().getFirst().action();
    }

    private SentPacket sent(final String packet, final int reserved) {
        final byte[] bytes =
                new InboundPackets(settings).segments(tcp("< " + packet), flow).getFirst();
        bytes[32] |= (byte) (reserved << 1);
        final SentPacket sent = new SentPacket(bytes, false, 0, 0);
        sent.defect = null;
        return sent;
    }

    private void check(final String expected, final SentPacket sent) {
        PacketComparison.check(tcp("> " + expected), List.of(sent), flow, settings);
    }

    @ParameterizedTest
    @CsvSource({
        "SEWA, 1c2, false",
        "SW., 92, false",
        "EWA., 1d0, false",
        "WAP., 198, false",
        "A., 110, false",
        "SA, 102, false",
        ".5, 150, true",
        "P.5, 158, true",
        "P5., 158, true",
        "F.7, 1d1, true",
        ".0, 10, true",
        "S6, 182, true",
    })
    void shouldReadFlagsInLettersOrAsACount(final String flags, final String bits, final boolean counts) {
        final Tcp packet = tcp("> " + flags + " 0:0(0)");
        assertEquals(Integer.parseInt(bits, 16), packet.flags());
        assertEquals(counts, packet.ecnCounts());
    }

    @ParameterizedTest
    @CsvSource({
        "ECN e0b 1 ceb 2 e1b 3, ac0b000001000002000003",
        "ECN e1b 1 ceb 2 e0b 3, ae0b000001000002000003",
        "ECN e1b 66051 ceb 16777215, ae08010203ffffff",
        "ECN e0b 8388608, ac05800000",
        "ECN e0b, ac02",
        "ECN e1b, ae02",
    })
    void shouldReadWriteAndShowOptions(final String text, final String bytes) {
        final int count = bytes.length() / 2;
        final List<TcpOption> options = Objects.requireNonNull(
                tcp("> . 0:0(0) <" + text + ",nop".repeat(-count & 3) + ">").options());
        final TcpOption option = options.getFirst();
        final ByteBuffer written = ByteBuffer.allocate(count);
        option.write(written);
        assertEquals(bytes, HexFormat.of().formatHex(written.array()));
        assertEquals(count, option.length());
        assertEquals(List.of(option), TcpOption.read(written.flip()));
        assertEquals(text, option.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        [ect0] SEWA 0:0(0) win 9 | [ect0] SEWA 0:0(0)    |
        EWA. 1:1(0) ack 1 win 9  | .7 1:1(0) ack 1       |
        .5 1:1(0) ack 1 win 9    | EA. 1:1(0) ack 1      |
        P5. 1:2(1) ack 1 win 9   | P.5 1:2(1) ack 1      |
        . 1:1(0) ack 1 win 9     | .0 1:1(0) ack 1       |
        SEW 0:0(0) win 9         | SEWA 0:0(0)           | tcp_ae: expected: 1 (0x1) vs actual: 0 (0x0)
        SEWA 0:0(0) win 9        | SEW 0:0(0)            | tcp_ae: expected: 0 (0x0) vs actual: 1 (0x1)
        WA. 1:1(0) ack 1 win 9   | EA. 1:1(0) ack 1      | tcp_ece: expected: 1 (0x1) vs actual: 0 (0x0)
        .5 1:1(0) ack 1 win 9    | .6 1:1(0) ack 1       | tcp_ace: expected: 6 (0x6) vs actual: 5 (0x5)
        A. 1:1(0) ack 1 win 9    | .0 1:1(0) ack 1       | tcp_ace: expected: 0 (0x0) vs actual: 4 (0x4)
        [ce] . 1:1(0) ack 1 win 9   | [ect0] . 1:1(0) ack 1  | ip_ecn: expected: 2 (0x2) vs actual: 3 (0x3)
        [ect1] . 1:1(0) ack 1 win 9 | [noecn] . 1:1(0) ack 1 | ip_ecn: expected: 0 (0x0) vs actual: 1 (0x1)
        [ect1] . 1:1(0) ack 1 win 9 | [ect01] . 1:1(0) ack 1 |
        """)
    void shouldCompareFlagsAndCodePoints(final String sent, final String expected, final @Nullable String difference) {
        final SentPacket packet = sent(sent, 0);
        if (difference == null) {
            assertDoesNotThrow(() -> check(expected, packet));
        } else {
            assertEquals(
                    "live packet field " + difference,
                    assertThrows(MismatchException.class, () -> check(expected, packet))
                            .text());
        }
    }

    @Test
    void shouldFailWhenABitIsSetThatNothingUses() {
        assertEquals(
                "live packet field tcp_reserved_bits: expected: 0 (0x0) vs actual: 5 (0x5)",
                assertThrows(
                                MismatchException.class,
                                () -> check("EA. 1:1(0) ack 1", sent("EA. 1:1(0) ack 1 win 9", 5)))
                        .text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ECN e1b 1 ceb 2 e0b 3,nop | ECN e1b 1 ceb 2 e0b 3,nop |
        ECN e1b 1 ceb 2 e0b 3,nop | ...                       |
        ECN e0b 1 ceb 2           | ECN e0b 1 ceb 2           |
        ECN e1b 1 ceb 2 e0b 3,nop | ECN e1b 1 ceb 2 e0b 4,nop | bad value in outbound TCP option (kind=174): \
        expected: ECN e1b 1 ceb 2 e0b 4 actual: ECN e1b 1 ceb 2 e0b 3
        ECN e0b 1 ceb 2 e1b 3,nop | ECN e0b 1 ceb 2           | bad value in outbound TCP option (kind=172): \
        expected: ECN e0b 1 ceb 2 actual: ECN e0b 1 ceb 2 e1b 3
        ECN e0b 1 ceb 2 e1b 1,nop | ECN e1b 1 ceb 2 e0b 1,nop | bad outbound TCP options: \
        expected: <ECN e1b 1 ceb 2 e0b 1,nop> actual: <ECN e0b 1 ceb 2 e1b 1,nop>
        nop,ECN e0b 1 ceb 2 e1b 3 | ECN e0b 1 ceb 2 e1b 3,nop | bad outbound TCP options: \
        expected: <ECN e0b 1 ceb 2 e1b 3,nop> actual: <nop,ECN e0b 1 ceb 2 e1b 3>
        """)
    void shouldCompareOptionsInTheirOrder(final String sent, final String expected, final @Nullable String difference) {
        final SentPacket packet = sent(".5 1:1(0) ack 1 win 9 <" + sent + ">", 0);
        final String text = ".5 1:1(0) ack 1 <" + expected + ">";
        if (difference == null) {
            assertDoesNotThrow(() -> check(text, packet));
        } else {
            assertEquals(
                    difference,
                    assertThrows(MismatchException.class, () -> check(text, packet))
                            .text());
        }
    }

    @Test
    void shouldReportCountsAsTheScriptWritesThem() {
        assertEquals(
                List.of(
                        "a.pkt:10: error handling packet: live packet field tcp_ace: expected: 5 (0x5) vs actual: 0 (0x0)",
                        "script packet:  0.100000 P.5 1:11(10) ack 1",
                        "actual packet:  0.100000 P.0 1:11(10) ack 1 win 65535"),
                run("ipv4", SENT + "+0 > P5. 1:11(10) ack 1\n").lines());
        assertReports(
                Verdict.FAIL,
                "a.pkt:10: error handling packet: live packet field tcp_ae: expected: 1 (0x1) vs actual: 0 (0x0)",
                SENT + "+0 > PA. 1:11(10) ack 1\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0, OFF",
        "1, REQUEST",
        "2, ACCEPT",
        "3, REQUEST_ACCURATE",
        "4, REQUEST_ACCEPT_ACCURATE",
        "5, ACCEPT_ACCURATE",
    })
    void shouldHaveEachModeOfLinux(final String value, final EcnMode mode) {
        final Sysctls sysctls = new Sysctls(settings);
        assertNull(sysctls.set("net.ipv4.tcp_ecn", value));
        assertEquals(mode, sysctls.config().features().ecn());
    }

    @ParameterizedTest
    @CsvSource({"0, OFF", "1, REQUEST", "2, ACCEPT", "3, REQUEST_ACCURATE", "4, ACCEPT_ACCURATE"})
    void shouldHaveEachModeOfFreeBsd(final String value, final EcnMode mode) {
        settings.freeBsd = true;
        final Sysctls sysctls = new Sysctls(settings);
        assertNull(sysctls.set("net.inet.tcp.ecn.enable", value));
        assertEquals(mode, sysctls.config().features().ecn());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        net.ipv4.tcp_ecn=6               | the value of a sysctl in 'sysctl -q net.ipv4.tcp_ecn=6': tcp_ecn is 0 to 5
        net.inet.tcp.ecn.enable=5        | the value of a sysctl in 'sysctl -q net.inet.tcp.ecn.enable=5': ecn.enable is 0 to 4
        """)
    void shouldSayWhichValuesOfSettingsThereAreNotHere(final String setting, final String report) {
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: " + report,
                "`sysctl -q " + setting + "`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
    }

    @Test
    void shouldTakeWhatLinuxDoesUnlessToldOtherwise() {
        assertPasses("`sysctl -q net.ipv4.tcp_ecn_option=2 net.ipv4.tcp_ecn_option_beacon=3"
                + " net.ipv4.tcp_ecn_fallback=1`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
    }

    @Test
    void shouldAskAgainInEachSynOnlyIfThereIsNoFallback() {
        final String script = """
            `sysctl -q net.ipv4.tcp_ecn=1 net.ipv4.tcp_ecn_fallback=%d`
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
            +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
            +0 > [noecn] SEW 0:0(0) <...>
            +1 > [noecn] %s 0:0(0) <...>
            +2 > [noecn] %s 0:0(0) <...>
            """;
        assertPasses(script.formatted(0, "SEW", "SEW"));
        assertPasses(script.formatted(1, "S", "S"));
    }

    @Test
    void shouldLetSegmentsBeMarkedThoughCodePointsChangedOnlyIfThereIsNoFallback() {
        final String script = """
            `sysctl -q net.ipv4.tcp_ecn=3 net.ipv4.tcp_ecn_fallback=%d`
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 bind(3, ..., ...) = 0
            +0 listen(3, 1) = 0
            +0 < SEWA 0:0(0) win 32792 <mss 1000>
            +0 > SW. 0:0(0) ack 1 <...>
            +.1 < [ect0] WA. 1:1(0) ack 1 win 20000
            +0 accept(3, ..., ...) = 4
            +0 write(4, ..., 10) = 10
            +0 > [%s] PEA. 1:11(10) ack 1
            """;
        assertPasses(script.formatted(0, "ect0"));
        assertPasses(script.formatted(1, "noecn"));
    }
}
