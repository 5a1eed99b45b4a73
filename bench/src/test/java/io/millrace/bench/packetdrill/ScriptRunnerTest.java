package io.millrace.bench.packetdrill;

import static io.millrace.bench.packetdrill.Scripts.assertPasses;
import static io.millrace.bench.packetdrill.Scripts.assertReports;
import static io.millrace.bench.packetdrill.Scripts.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScriptRunnerTest {
    private static final String ACCEPT = """
        0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
        +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
        +0 bind(3, ..., ...) = 0
        +0 listen(3, 1) = 0
        +0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
        +0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 8>
        +.1 < . 1:1(0) ack 1 win 257
        +0 accept(3, ..., ...) = 4
        """;

    @Test
    void shouldPassWhenAllHappensAsTheScriptSays() {
        assertPasses(ACCEPT + """
            // the descriptor by a name from outside, a comment of each kind
            +0 write(FOUR, ..., 3000) = 3000 /* three segments
                                                in one line */
            +0 > P. 1:3001(3000) ack 1       # as Linux hands them to its device
            +.01~+.3 > P. 2001:3001(1000) ack 1
            +0 < . 1:1(0) ack 3001 win 257
            +0 < P. 1:501(500) ack 3001 win 257
            * > . 3001:3001(0) ack 501
            +0 read(4, ..., 1000) = 500
            +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
            +0 read(4, ..., 1000) = -1 EAGAIN (EAGAIN, not ready yet)
            +0 %{
            assert tcpi_snd_cwnd >= 10 and tcpi_unacked == 0, tcpi_snd_cwnd  # Python
            # a comment that "quotes"; and goes on, though it's odd
            assert tcpi_unacked == 0, 'is # 1'
            assert 100000 <= tcpi_rtt < 10**6 \\
                    and tcpi_state == TCP_ESTABLISHED; \\
            }%
            +0 close(4) = 0
            +0 > F. 3001:3001(0) ack 501
            +0 < F. 501:501(0) ack 3002 win 257
            +0 > . 3002:3002(0) ack 502
            """);
    }

    @Test
    void shouldPassWhenAScriptFailsAsItSays() {
        final String wrong = """
            0 socket(..., SOCK_STREAM, IPPROTO_UDP) = -1 EPROTONOSUPPORT
            // Failure: runtime error in socket call: Expected .* but got -1 with errno 93 \\(Protocol not supported\\)
            +0 socket(..., SOCK_STREAM, IPPROTO_UDP) = %s
            """;
        assertPasses(wrong.formatted("3"));
        assertReports(
                Verdict.FAIL,
                "a.pkt:3: no failure, but expected: runtime error in socket call: Expected .* but got -1 with errno 93"
                        + " \\(Protocol not supported\\)",
                wrong.formatted("-1"));
        assertReports(
                Verdict.FAIL,
                "a.pkt:1: runtime error in close call: Expected result 0 but got -1 with errno 9 (EBADF, the socket is"
                        + " closed)",
                "0 close(7) = 0\n" + wrong.formatted("3"));
    }

    @Test
    void shouldSayWhatIsToBeDefined() {
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: 'MSS' where mss is wanted; give it with -D MSS=VALUE",
                "0 > S. 0:0(0) ack 1 <mss MSS>");
    }

    @Test
    void shouldSayWhatItCannotDoOfRoutesAndSignatures() {
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: the command 'ip route change 192.0.2.1 dev tun0 hoplimit 3': no metric"
                        + " 'hoplimit' of routes; there are mtu, advmss, initcwnd, initrwnd, rto_min, quickack, congctl,"
                        + " features",
                "0 `ip route change 192.0.2.1 dev tun0 hoplimit 3`\n+0 close(3) = 0");
        assertReports(Verdict.UNSUPPORTED, "a.pkt:3: unsupported: 'md5 valid' without --tcp_md5_secret", """
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 listen(3, 1) = 0
            +0 < S 0:0(0) win 1000 <md5 valid,nop,nop>
            """);
        assertReports(
                Verdict.FAIL,
                "a.pkt:1: syntax error: expected the 16 bytes of a signature, or fewer, found '>'",
                "0 > . 1:1(0) ack 1 <md5 00112233445566778899aabbccddeeff00>");
    }

    @Test
    void shouldConnectWithTimestampsWhenTheScriptDoes() {
        assertPasses("""
            --tcp_ts_tick_usecs=1000
            --check_ts_ecr
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +.1...0.200 connect(3, ..., ...) = 0
            +0 > S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8>
            +.1 < S. 5000:5000(0) ack 1 win 5792 <mss 1460,sackOK,TS val 700 ecr 100,nop,wscale 2>
            +0 > . 1:1(0) ack 1 <nop,nop,TS val 200 ecr 700>
            +.3 write(3, ..., 10) = 10
            +0 > P. 1:11(10) ack 1 <nop,nop,TS val 500 ecr 700>
            +.1 < P. 1:21(20) ack 11 win 1000 <nop,nop,TS val 1100 ecr 500>
            +0 > . 11:11(0) ack 21 <nop,nop,TS val 600 ecr 1100>
            +0 read(3, ..., 20) = 20
            """);
    }

    @Test
    void shouldCutWhatComesInWhenTheScriptSaysHow() {
        assertPasses("--mss=600\n" + ACCEPT + """
            +0 < P. 1:1801(1800) ack 1 win 257
            +0 > . 1:1(0) ack 1801
            +0 %{ assert tcpi_data_segs_in == 3 and tcpi_rcv_mss == 600, (tcpi_data_segs_in, tcpi_rcv_mss) }%
            +0 read(4, ..., 2000) = 1800
            """);
    }

    @Test
    void shouldCompareWhatIsToldBesideTheBytes() {
        final String receive = """
            +0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0
            +0 < F. 1:1001(1000) ack 1 win 257
            +0 > . 1:1(0) ack 1002
            +0 recvmsg(4, {msg_name(...)=...,
                           msg_iov(1)=[{..., 300}],
                           msg_flags=0,
                           msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=UNREAD}]}, 0) = 300
            """;
        assertPasses(ACCEPT + receive.replace("UNREAD", "701"));
        assertReports(
                Verdict.FAIL,
                "a.pkt:12: Expected ancillary data {cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=700}"
                        + " but got cmsg_data 701",
                ACCEPT + receive.replace("UNREAD", "700"));
    }

    @Test
    void shouldWaitWhenACallBlocks() {
        assertPasses("""
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 bind(3, ..., ...) = 0
            +0 listen(3, 1) = 0
            +0...0.2 accept(3, ..., ...) = 4
            +.1 < S 0:0(0) win 32792 <mss 1000>
            +0 > S. 0:0(0) ack 1 <mss 1460>
            +.1 < . 1:1(0) ack 1 win 20000
            +0...0.1 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 1000) = 1
            +.1 < P. 1:11(10) ack 1 win 20000
            +0 > . 1:1(0) ack 11
            +0...0.25 poll([{fd=4, events=POLLPRI, revents=0}], 1, 250) = 0
            +.3 ioctl(4, SIOCINQ, [10]) = 0
            +0 epoll_create(1) = 5
            +0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0
            +0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
            +0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0
            """);
    }

    @Test
    void shouldExchangeDatagramsAndErrorsWhenTheSocketIsOfUdp() {
        assertPasses("""
            0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
            +0 connect(3, ..., ...) = 0
            +0 send(3, ..., 100, 0) = 100
            +0 > udp (100)
            +.1 < udp (50)
            +0 recv(3, ..., 1000, 0) = 50
            +0 send(3, ..., 10, 0) = 10
            +0 > udp (10)
            +.1 < icmp unreachable port_unreachable [udp (10)]
            +0 send(3, ..., 10, 0) = -1 ECONNREFUSED (Connection refused)
            """);
    }

    @Test
    void shouldBindWhereTheScriptSaysWhenItSpellsTheAddress() {
        assertEquals(ScriptResult.ok(), run("ipv4", """
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 bind(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("0.0.0.0")}, 16) = 0
            +0 listen(3, 1) = 0
            +0 < 5000 > 80 S 0:0(0) win 100
            +0 > 80 > 5000 S. 0:0(0) ack 1 <...>
            +0 < 5000 > 81 S 0:0(0) win 100
            +0 > 81 > 5000 R. 0:0(0) ack 1
            """));
    }

    @Test
    void shouldTakeSettingsFromSysctlsWhenTheyComeFirst() {
        assertPasses("""
            `../common/defaults.sh
            sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_rmem="4096 131072 1000000"
            ./set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0`
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
            +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
            +0 > S 0:0(0) <mss 1460,nop,wscale 4>
            +0 < R. 0:0(0) ack 1 win 0
            +0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0
            """);
    }

    @Test
    void shouldCalculateWhatShellsDo() {
        assertPasses("""
            `sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_rmem="4096 131072 $((1000 * (1900 + 100) / 2))"`
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
            +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
            +0 > S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 4>
            """);
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: what a shell makes of '$((2 * ))'",
                "`sysctl -q net.ipv4.tcp_syn_retries=$((2 * ))`\n0 socket(..., SOCK_STREAM, 0) = 3");
    }

    @Test
    void shouldHaveALinkCarryWhatACommandSays() {
        assertPasses("""
            `ip link set dev tun0 mtu 1500`
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
            +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
            +0 > S 0:0(0) <mss OUR_MSS,sackOK,TS val 100 ecr 0,nop,wscale 8>
            +0 close(3) = 0
            +0 `ip link set tun0 mtu 9000`
            +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4
            """);
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:2: unsupported: a sysctl or an MTU that changes while there are sockets",
                "0 socket(..., SOCK_STREAM, 0) = 3\n+0 `ip link set dev tun0 mtu 9000`");
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: the command 'ip link set dev tun0 mtu 67'",
                "`ip link set dev tun0 mtu 67`\n0 socket(..., SOCK_STREAM, 0) = 3");
    }

    @Test
    void shouldDisconnectWhenTheAddressIsNone() {
        assertPasses(ACCEPT + """
            +0 connect(4, AF_UNSPEC, ...) = 0
            +0 > R. 1:1(0) ack 1
            +0 %{ assert tcpi_state == TCP_CLOSE, tcpi_state }%
            +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0
            +0 write(4, ..., 1) = -1 EPIPE (Broken pipe)
            """);
    }

    @Test
    void shouldSayScriptAndLineWhenAPacketDiffers() {
        final ScriptResult result = run("ipv4", ACCEPT + "+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 2\n");
        assertEquals(
                List.of(
                        "a.pkt:10: error handling packet: live packet field tcp_ack_seq: expected: 2 (0x2) vs actual:"
                                + " 1 (0x1)",
                        "script packet:  0.100000 P. 1:11(10) ack 2",
                        "actual packet:  0.100000 P. 1:11(10) ack 1 win 256"),
                result.lines());
    }

    @Test
    void shouldFailWhenAPacketComesAtTheWrongTime() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:10: error handling packet: timing error: expected outbound packet at 0.300000 sec but happened"
                        + " at 0.100000 sec; tolerance 0.025000 sec",
                ACCEPT + "+0 write(4, ..., 10) = 10\n+.2 > P. 1:11(10) ack 1\n");
    }

    @Test
    void shouldFailWhenAPacketDoesNotCome() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:9: error handling packet: Timed out waiting for packet",
                ACCEPT + "+0 > P. 1:11(10) ack 1\n");
    }

    @Test
    void shouldFailWhenACallReturnsSomethingElse() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:9: runtime error in write call: Expected result 11 but got 10",
                ACCEPT + "+0 write(4, ..., 10) = 11\n");
        assertReports(
                Verdict.FAIL,
                "a.pkt:10: runtime error in read call: Expected errno 104 (ECONNRESET, connection reset by peer) but"
                        + " got errno 11 (EAGAIN, not ready yet)",
                ACCEPT
                        + "+0 fcntl(4, F_SETFL, O_NONBLOCK) = 0\n"
                        + "+0 read(4, ..., 10) = -1 ECONNRESET (Connection reset by peer)\n");
    }

    @Test
    void shouldFailWhenAnAssertionDoesNotHold() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:9: AssertionError: 10 in 'assert tcpi_snd_cwnd == 9, tcpi_snd_cwnd'",
                ACCEPT + "+0 %{ assert tcpi_snd_cwnd == 9, tcpi_snd_cwnd }%\n");
    }

    @Test
    void shouldFailWhenTheTextIsNoScript() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:1: syntax error: inconsistent TCP sequence numbers and payload size",
                "0 > P. 1:3(1) ack 1");
        assertReports(Verdict.FAIL, "a.pkt:2: syntax error: expected '=', found the end of the script", "\n0 close(3)");
    }

    @Test
    void shouldLeaveOutCommandsThatOnlyTell() {
        assertPasses("`echo begins; ss -t`\n" + ACCEPT + "+0 `echo \"ends\"`\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mtu=1", "mss=-5", "bind_port=99999", "connect_port=-1", "tolerance_usecs=-5", "mtu"})
    void shouldSayWhichValueOfAnOptionIsOutOfRange(final String option) {
        final ScriptResult result = run("ipv4", "--" + option + "\n" + ACCEPT);
        assertEquals(Verdict.FAIL, result.verdict(), () -> result.toString());
        final String name = option.replaceFirst("=.*", "");
        assertTrue(
                result.lines().getFirst().startsWith("a.pkt:1: syntax error: bad value of --" + name + ": "),
                () -> result.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 < ipv4 1.1.1.1 > 2.2.2.2: . 1:1(0) win 1",
                "0 socket(..., SOCK_STREAM, IPPROTO_MPTCP) = 3",
                "0 socket(..., SOCK_STREAM, 0) = 3\n+0 splice(3, NULL, 3, NULL, 1, 0) = 1",
                "0 `iptables -F`",
                "`sysctl -q net.ipv4.tcp_recovery=0`\n0 socket(..., SOCK_STREAM, 0) = 3",
                "0 %{ import os; os.exit() }%",
                "`sysctl -q net.ipv4.tcp_rmem=`\n0 socket(..., SOCK_STREAM, 0) = 3",
                "`sysctl -q net.ipv4.tcp_syn_retries=-7`\n0 socket(..., SOCK_STREAM, 0) = 3",
            })
    void shouldSayThatItIsUnsupportedWhenThereIsNoneOfItHere(final String script) {
        final ScriptResult result = run("ipv4", script);
        assertEquals(Verdict.UNSUPPORTED, result.verdict(), () -> result.toString());
        assertTrue(result.lines().getFirst().contains(": unsupported: "), () -> result.toString());
    }
}
