package io.millrace.bench.packetdrill;

import static io.millrace.bench.packetdrill.Scripts.assertPasses;
import static io.millrace.bench.packetdrill.Scripts.assertReports;
import static io.millrace.bench.packetdrill.Scripts.run;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What packetdrill refuses is refused, with the line, rather than passed over; and what it takes is taken. */
final class ScriptMistakesTest {
    private static final String ACCEPT = """
        0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
        +0 bind(3, ..., ...) = 0
        +0 listen(3, 1) = 0
        +0 < S 0:0(0) win 32792 <mss 1000>
        +0 > S. 0:0(0) ack 1 <mss 1460>
        +.1 < . 1:1(0) ack 1 win 20000
        +0 accept(3, ..., ...) = 4
        """;

    private static final String EPOLL = ACCEPT + """
        +0 epoll_create(1) = 5
        +0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLOUT, %s}) = 0
        +0 epoll_wait(5, {events=EPOLLOUT, %s}, 1, 0) = 1
        """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        < PE.5 1:11(10) ack 1 win 257                            | Conflicting TCP flag: '5'
        < PA.5 1:11(10) ack 1 win 257                            | Conflicting TCP flag: '5'
        < P5A. 1:11(10) ack 1 win 257                            | Conflicting TCP flag: 'A'
        < P5.5 1:11(10) ack 1 win 257                            | Conflicting TCP flag: '5'
        < P.8 1:11(10) ack 1 win 257                             | Invalid TCP flag: '8'
        < PQ. 1:11(10) ack 1 win 257                             | Invalid TCP flag: 'Q'
        < [ect01] P. 1:11(10) ack 1 win 257                      | [ect01] can only be used with outbound packets
        < . 1:1(0) ack 1 win 257 <sack 1:2 3:4 5:6 7:8 9:10,nop,nop> | TCP header too large
        < . 1:65500(65499) ack 1 win 257                         | TCP segment too large
        < . 1:1(0) ack 1 win 257 <nop,nop,sack>                  | expected TCP SACK left sequence number, found '>'
        < . 1:1(0) ack 1 win 257 <ECN,nop,nop>                   | expected 'e0b' or 'e1b', found ','
        < . 1:1(0) ack 1 win 257 <ECN ceb 1,nop,nop,nop>         | expected 'e0b' or 'e1b', found 'ceb'
        < . 1:1(0) ack 1 win 257 <ECN e0b 1 e1b 2>               | expected '>', found 'e1b'
        < . 1:1(0) ack 1 win 257 <ECN e1b ceb 2>                 | expected e1b, found 'ceb'
        < . 1:1(0) ack 1 win 257 <ECN e0b 1 ceb>                 | expected ceb, found '>'
        < . 1:1(0) ack 1 win 257 <ECN e0b 1 ceb 16777216>        | ceb out of range: 16777216
        < . 1:1(0) ack 1 win 257 <ECN e0b 1 ceb 0 e1b 1>         | TCP options are not padded correctly to ensure \
        TCP header is a multiple of 4 bytes
        < icmp unreachable [raw(4)]                              | ICMP message size out of range: 4
        < udp (65535)                                            | UDP payload size out of range: 65535
        """)
    void shouldRefuseAPacketThatIsNone(final String packet, final String report) {
        assertReports(Verdict.FAIL, "a.pkt:8: syntax error: " + report, ACCEPT + "+0 " + packet + "\n");
    }

    @Test
    void shouldRefuseAScriptThatLetsNothingHappen() {
        final String report = "a.pkt:%d: syntax error: expected the time of an event, found the end of the script";
        assertReports(Verdict.FAIL, report.formatted(1), "");
        assertReports(Verdict.FAIL, report.formatted(3), "// nothing\n`true`\n");
    }

    @Test
    void shouldRefuseTimesThatBeginLateOrGoBack() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:1: syntax error: first event should be at time 0",
                "1 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
        assertReports(
                Verdict.FAIL,
                "a.pkt:3: syntax error: time goes backward in script from 1002000 usec to 1001000 usec",
                """
                0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
                1.002 bind(3, ..., ...) = 0
                1.001 listen(3, 1) = 0
                """);
    }

    @Test
    void shouldSayWhichAddressCannotBeRead() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:2: bad address {sin_addr=inet_addr(\"1.2.3.300\")}: \"1.2.3.300\" is not an IP address: number"
                        + " larger than 255 at character 7",
                """
                0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
                +0 bind(3, {sin_addr = inet_addr("1.2.3.300")}, 16) = 0
                """);
        assertReports(Verdict.FAIL, "a.pkt:2: bad address {sin_port=htons(99999)}: port 99999; it is 0 to 65535", """
                0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
                +0 bind(3, {sin_port = htons(99999)}, 16) = 0
                """);
    }

    @Test
    void shouldFailWhenACallHasTooManyArguments() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:8: runtime error in close call: Expected 1 args but got 2",
                ACCEPT + "+0 close(4, 5) = 0\n");
        assertReports(
                Verdict.FAIL,
                "a.pkt:8: iov_count 3 does not match 2-element iovec array",
                ACCEPT + "+0 writev(4, [{..., 10}, {..., 20}], 3) = 30\n");
    }

    @Test
    void shouldCompareTheFlagsOfAMessage() {
        final String receive = ACCEPT + """
            +0 < P. 1:11(10) ack 1 win 257
            +0 > . 1:1(0) ack 11
            +0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=%s}, 0) = 10
            """;
        assertPasses(receive.formatted("0"));
        assertReports(
                Verdict.FAIL, "a.pkt:10: Expected msg_flags MSG_TRUNC but got 0x0", receive.formatted("MSG_TRUNC"));
    }

    @Test
    void shouldCompareWhatEpollKeeps() {
        assertPasses(EPOLL.formatted("fd=4", "fd=4"));
        assertPasses(EPOLL.formatted("u32=77", "u32=77"));
        assertPasses(EPOLL.formatted("ptr=77", "ptr=..."));
        for (final String kept : new String[] {"fd", "ptr", "u32", "u64"}) {
            assertReports(
                    Verdict.FAIL,
                    "a.pkt:10: Expected {events=EPOLLOUT, " + kept
                            + "=7} but got events 0x4 of descriptor 4 with data 4",
                    EPOLL.formatted(kept + "=4", kept + "=7"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"type_3 code_1 [1:11(10)]", "type_200 code_7 [raw(20)]", "type_13 [RAW(20)]"})
    void shouldTakeKindsOfIcmpByTheirNumbers(final String message) {
        assertPasses(ACCEPT + """
            +0 write(4, ..., 10) = 10
            +0 > P. 1:11(10) ack 1
            +0 < icmp %s
            """.formatted(message));
    }

    @Test
    void shouldRefuseTheMtuOfAMessageThatHasNone() {
        final String error = ACCEPT + """
            +0 write(4, ..., 10) = 10
            +0 > P. 1:11(10) ack 1
            +0 < icmp unreachable %s [1:11(10)]
            """;
        assertEquals(
                ScriptResult.fail("a.pkt:10: ICMP MTU is only valid for frag_needed"),
                run("ipv4", error.formatted("host_unreachable mtu 1000")));
        assertEquals(
                ScriptResult.fail("a.pkt:10: ICMPv4 MTU out of 16-bit range"),
                run("ipv4", error.formatted("frag_needed mtu 100000")));
        assertPasses(error.formatted("frag_needed mtu 1400"));
    }

    @Test
    void shouldReadALongScript() {
        assertPasses("// one of many comments\n/* and\nmore */\n".repeat(20_000) + ACCEPT);
        assertPasses("`" + "sysctl -q net.ipv4.tcp_sack=1\n".repeat(2_000) + "`\n" + ACCEPT);
        assertPasses(ACCEPT + "+0 write(4, \"" + "\\x41".repeat(20_000) + "\", 900) = 900\n");
        assertPasses(ACCEPT + "+0 %{ assert 1, '" + "long ".repeat(4_000) + "' }%\n");
    }

    @Test
    void shouldTakeOptionsWithQuotesAndSpaces() {
        assertPasses("--tolerance_usecs = 10000\n--bind_port=\"9090\"\n--non_fatal=\"packet, syscall\"\n" + ACCEPT);
        assertPasses("--is_anyip\n--send_omit_free\n" + ACCEPT);
        assertReports(
                Verdict.FAIL,
                "a.pkt:1: syntax error: bad value of --tolerance_percent: NaN",
                "--tolerance_percent=NaN\n" + ACCEPT);
        assertReports(
                Verdict.FAIL,
                "a.pkt:1: syntax error: bad value of --tolerance_percent: 101",
                "--tolerance_percent=101\n" + ACCEPT);
    }

    @Test
    void shouldHoldThatAFlowKeepsItsLabel() {
        final String labels = ACCEPT + """
            +0 write(4, ..., 10) = 10
            +0 > (flowlabel 0x1) P. 1:11(10) ack 1
            +.1 < . 1:1(0) ack 11 win 257
            +0 write(4, ..., 10) = 10
            +0 > [noecn,flowlabel 0x%d] P. 11:21(10) ack 1
            """;
        assertPasses(labels.formatted(1));
        assertEquals(
                "a.pkt:12: error handling packet: expected a different flowlabel but got the same",
                run("ipv6", labels.formatted(2)).lines().getFirst());
        assertEquals(ScriptResult.ok(), run("ipv4", labels.formatted(2)));
    }

    @Test
    void shouldCountWhatIsPolledAndPassOverNegativeNumbers() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:8: nfds 2 does not match 1-element pollfd array",
                ACCEPT + "+0 poll([{fd=4, events=POLLOUT, revents=POLLOUT}], 2, 0) = 1\n");
        assertPasses(ACCEPT
                + "+0 poll([{fd=-1, events=POLLOUT, revents=0}, {fd=4, events=POLLOUT, revents=POLLOUT}], 2, 0) = 1\n");
    }

    @Test
    void shouldSayThatAFileToSendIsNone() {
        assertPasses(ACCEPT + "+0 sendfile(4, 9, [0], 100) = -1 EBADF (Bad file descriptor)\n");
        assertPasses(ACCEPT + "+0 sendfile(4, 3, [0], 100) = -1 EINVAL (Invalid argument)\n");
    }

    /** What is wrong in a call or in code, whatever there is of it here. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        bind(3, {sa_family = AF_INET, sin_port = htons(), sin_addr = inet_addr("0.0.0.0")}, 16) = 0 | one number is wanted \
        in htons()
        bind(3, {sa_family = AF_FOO}, 16) = 0     | bad address {sa_family=AF_FOO}: the family is AF_INET or AF_INET6
        bind(3, {sin_addr = inet_addr()}, 16) = 0 | bad address {sin_addr=inet_addr()}: inet_addr() is not of a quoted \
        address
        bind(3, {sin_addr = inet_addr(5)}, 16) = 0 | bad address {sin_addr=inet_addr(5)}: inet_addr(5) is not of a quoted \
        address
        bind(3, {foo = 3}, 16) = 0                | bad address {foo=3}: there is no such field as foo=3
        sendmsg(4, {msg_name(...)=..., msg_iov(3)=[{..., 10}], msg_flags=0}, 0) = 10 | msg_iovlen 3 does not match \
        1-element iovec array
        sendmsg(4, 5, 0) = 10                     | '5' is no msghdr
        writev(4, 5, 1) = 10                      | '5' is no iovec
        poll([4], 1, 0) = 0                       | '4' is no pollfd
        sokcet(3) = 0                             | Unknown system call: 'sokcet'
        listen(3, "x") = 0                        | a number is wanted in place of "x"
        listen(3, sock_stream) = 0                | Unknown symbol 'sock_stream'
        setsockopt(4, SOL_TCP, TCP_NODELAY, [1, 2], 4) = 0 | one number is wanted in place of [1, 2]
        setsockopt(4, SOL_TCP, TCP_FASTOPEN_KEY, "\\xZZ", 16) = 0 | \\x without two hexadecimal digits in "\\xZZ"
        setsockopt(4, SOL_TCP, TCP_FASTOPEN_KEY, "\\x1", 16) = 0 | \\x without two hexadecimal digits in "\\x1"
        setsockopt(4, SOL_TCP, TCP_FASTOPEN_KEY, "x", -1) = 0 | a key of -1 bytes
        %{ assert tcpi_snd_cwnd == }%             | SyntaxError: a value is wanted where the code ends
        %{ assert ( == 1 ) }%                     | SyntaxError: a value is wanted where '==' is
        %{ assert (1 == 1 }%                      | SyntaxError: ')' is wanted where the code ends
        %{ assert 1 == 1) }%                      | SyntaxError: unmatched ')' in 'assert 1 == 1)'
        %{ assert 0xffffffffffffffffff == 1 }%    | AssertionError in 'assert 0xffffffffffffffffff == 1'
        < icmp foo [1:11(10)]                     | there is no ICMP foo
        < icmp unreachable foo [1:11(10)]         | there is no ICMP unreachable foo
        """)
    void shouldSayWhatIsWrongInACallOrInCode(final String action, final String report) {
        assertReports(Verdict.FAIL, "a.pkt:8: " + report, ACCEPT + "+0 " + action + "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        socket(..., SOCK_STREAM, IPPROTO_TCP) = 3 extra | 8: syntax error: expected the name of an error, found 'extra'
        sendmsg(4, {msg_iov(1, 2)=[]}, 0) = 0           | 8: syntax error: expected one length of the field msg_iov
        < [ect2] . 1:1(0) ack 1 win 257                 | 8: syntax error: expected a field of an IP header such as ect0, \
        tos, ttl or flowlabel, found 'ect2'
        < icmp unreachable host_unreachable []          | 8: syntax error: expected the packet that the message is about, \
        found ']'
        < icmp unreachable host_unreachable [           | 9: syntax error: expected the packet that the message is about, \
        found the end of the script
        < 4000 > S 0:0(0) win 100                       | 8: syntax error: expected destination port, found 'S'
        < .S 1:1(0) ack 1 win 100                       | 8: syntax error: expected TCP start sequence number, found 'S'
        """)
    void shouldRefuseWhatIsNoScript(final String action, final String report) {
        assertReports(Verdict.FAIL, "a.pkt:" + report, ACCEPT + "+0 " + action + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "320000001", "99999999999999999999999", "9223372036854.775"})
    void shouldRefuseATimeThatNobodyCouldWaitFor(final String time) {
        final String report = "a.pkt:8: syntax error: time out of range: " + time;
        assertReports(Verdict.FAIL, report, ACCEPT + "+" + time + " close(4) = 0\n");
        assertReports(Verdict.FAIL, report, ACCEPT + "+0..." + time + " read(4, ..., 10) = 0\n");
    }

    @Test
    void shouldSayWhichLineSetsWhatCannotBeSet() {
        final String first = "// of an author\n";
        for (final String option : new String[] {"local_ip=1.2.3", "remote_ip=::g", "local_ip"}) {
            final String value = option.contains("=") ? option.substring(option.indexOf('=') + 1) : "";
            assertReports(
                    Verdict.FAIL,
                    "a.pkt:2: syntax error: bad address: " + value,
                    first + "--" + option + "\n" + ACCEPT);
        }
        assertReports(
                Verdict.FAIL, "a.pkt:2: syntax error: bad --ip_version: ipv5", first + "--ip_version=ipv5\n" + ACCEPT);
        assertReports(
                Verdict.FAIL,
                "a.pkt:2: syntax error: there is no option --tolerence_usecs",
                first + "--tolerence_usecs=5\n" + ACCEPT);
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:2: unsupported: the option --wire_client",
                first + "--wire_client\n" + ACCEPT);
    }

    @Test
    void shouldReadWhatANameStandsForAsCDoes() {
        assertPasses("--define=TEN=012\n--define=ELEVEN=0xb\n" + ACCEPT
                + "+0 write(4, ..., TEN) = 10\n+0 write(4, ..., 011) = ELEVEN\n");
    }

    @Test
    void shouldNotKnowADirectionThatIsNone() {
        assertPasses(ACCEPT + """
            +0 shutdown(4, 7) = -1 EINVAL (Invalid argument)
            +0 shutdown(4, -1) = -1 EINVAL (Invalid argument)
            +0 shutdown(4, SHUT_WR) = 0
            """);
    }

    @Test
    void shouldSayWhichStateThereIsNone() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:8: there is no state ESTABLISHD",
                ACCEPT + "+0 `sockstat -4 | grep -c ESTABLISHD | grep 1`\n");
    }

    @Test
    void shouldSleepBeforeTheFirstEvent() {
        assertPasses("`sleep 1`\n" + ACCEPT + "`sleep 1`\n");
    }

    @Test
    void shouldEndOnlyTheScriptWhenItIsNestedWithoutEnd() {
        final String deep = "[".repeat(50_000);
        assertEquals(Verdict.FAIL, run("ipv4", "0 close(" + deep + ") = 0\n").verdict());
        assertEquals(
                Verdict.FAIL,
                run("ipv4", ACCEPT + "+0 %{ assert " + "(".repeat(50_000) + " }%\n")
                        .verdict());
    }

    @Test
    void shouldTakeAnExpectedReportThatIsNoExpressionForItself() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:2: runtime error in close call: Expected result 0 but got -1 with errno 9 (EBADF, the socket is"
                        + " closed)",
                "// Failure: (EBADF\n0 close(7) = 0\n");
    }

    @Test
    void shouldReadAFileWithAMarkOfItsEncoding(@TempDir final Path folder) throws IOException {
        final Path script = folder.resolve("a.pkt");
        Files.writeString(script, "\uFEFF" + ACCEPT);
        assertEquals(ScriptResult.ok(), new ScriptRunner(Map.of(), List.of()).run(script));
    }

    @Test
    void shouldLetTimePassWhenAScriptSleeps() {
        assertPasses("0 `sleep 1`\n1 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 `sleep .5`\n1.5 close(3) = 0\n");
        assertReports(
                Verdict.FAIL,
                "a.pkt:9: timing error: expected event at 0.200000 sec but happened at 0.600000 sec; tolerance 0.004000 sec",
                ACCEPT + "+0 `/bin/sleep 0.5`\n0.2 close(4) = 0\n");
    }

    @Test
    void shouldNotWaitToReadNothing() {
        assertPasses(ACCEPT + "+0 read(4, ..., 0) = 0\n+0 readv(4, [{..., 0}], 1) = 0\n");
        assertPasses(ACCEPT + """
            +0...0.1 recv(4, ..., 0, 0) = 0
            +.1 < P. 1:11(10) ack 1 win 257
            """);
    }

    @Test
    void shouldSendSignaturesThatAreTooShort() {
        assertPasses(ACCEPT + """
            +0 < P. 1:11(10) ack 1 win 257 <nop,nop,md5 0011223344556677>
            """);
    }
}
