package io.millrace.bench.packetdrill;

import static io.millrace.bench.packetdrill.Scripts.assertPasses;
import static io.millrace.bench.packetdrill.Scripts.assertReports;
import static io.millrace.bench.packetdrill.Scripts.run;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import org.junit.jupiter.api.Test;

final class FreeBsdScriptTest {
    private static final String ACCEPT = """
        0 `sysctl -w net.inet.tcp.rfc1323=1`
        +0 `sysctl -w net.inet.tcp.recvspace=65536`
        +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
        +0 bind(3, ..., ...) = 0
        +0 listen(3, 1) = 0
        +0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [65536], [4]) = 0
        +0 < S 0:0(0) win 32767 <mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 6>
        +0 > S. 0:0(0) ack 1 win 65535 <mss OUR_MSS,nop,wscale 6,sackOK,TS val 100 ecr 7>
        +.1 < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 8 ecr 100>
        +0 accept(3, ..., ...) = 4
        """;

    @Test
    void shouldCompareWhatTheSenderMayChooseByItsMeaning() {
        assertPasses(ACCEPT + """
            +0 `sockstat -4 -P tcp -s -p 8080 | grep -c ESTABLISHED | grep 1`
            +0 < . 101:201(100) ack 1 win 1000 <nop,nop,TS val 9 ecr 100>
            +0 > . 1:1(0) ack 1 win 1035 <sack 101:201,TS val 100 ecr 8,nop,nop,nop,nop>
            #ifdef FreeBSD
            +0 < (ttl 7) P. 1:101(100) ack 1 win 1000 <nop,nop,TS val 9 ecr 100>
            #else
            +0 nosuchcall() = 0
            #endif
            #ifndef FreeBSD
            +0 nosuchcall() = 0
            #endif
            +0 > . ...(0) ack 201 win 1035 <nop,nop,TS val 100 ecr 9>
            +0 `sysctl -w net.inet.tcp.blackhole=1`
            """);
    }

    @Test
    void shouldSuspectAPathOfSwallowingLongPacketsOnlyIfTold() {
        final String script = ACCEPT + """
            +0 write(4, ..., 1400) = 1400
            +0 > P. 1:1401(1400) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>
            +.3 > P. 1:1401(1400) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>
            """;
        final String cut =
                """
                +.6 > . 1:SEGMENT(LENGTH) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>
                +0 > P. SEGMENT:1401(REST) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>
                """.replace("SEGMENT", "989").replace("LENGTH", "988").replace("REST", "412");
        assertPasses(script + "+.6 > P. 1:1401(1400) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>\n");
        assertPasses("0 `sysctl -w net.inet.tcp.pmtud_blackhole_detection=1`\n"
                + "+0 `sysctl -w net.inet.tcp.pmtud_blackhole_mss=1000`\n"
                + "+0 `sysctl -w net.inet.tcp.v6pmtud_blackhole_mss=1000`\n" + script.replaceFirst("0 ", "+0 ") + cut);
    }

    @Test
    void shouldKeepConnectionsAliveAsTheSystemDoes() {
        assertPasses(ACCEPT + """
            +0 getsockopt(4, SOL_SOCKET, SO_KEEPALIVE, [1], [4]) = 0
            +0 setsockopt(4, IPPROTO_TCP, TCP_KEEPIDLE, [1], 4) = 0
            +0 setsockopt(4, IPPROTO_TCP, TCP_RACK_PACE_ALWAYS, [1], 4) = 0
            +0 setsockopt(4, IPPROTO_TCP, TCP_FUNCTION_BLK, {function_set_name="freebsd", pcbcnt=0}, 36) = 0
            +1 > . 0:0(0) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>
            """);
    }

    @Test
    void shouldTakeAnAcknowledgmentBehindTheFinForOneWithTheFinAgain() {
        final String closing = ACCEPT + """
            +0 shutdown(4, SHUT_WR) = 0
            +0 > F. 1:1(0) ack 1 win 1040 <nop,nop,TS val 200 ecr 8>
            +.1 < F. 1:1(0) ack 1 win 1000 <nop,nop,TS val 9 ecr 200>
            """;
        assertPasses(closing + """
            +0 > F. 1:1(0) ack 2 win 1040 <nop,nop,TS val 300 ecr 9>
            +.1 < R 2:2(0) win 0
            +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0
            """);
        assertReports(
                Verdict.FAIL,
                "a.pkt:14: error handling packet: live packet field tcp_ack_seq: expected: 3 (0x3) vs actual: 2 (0x2)",
                closing + "+0 > F. 1:1(0) ack 3 win 1040 <nop,nop,TS val 300 ecr 9>\n");
    }

    @Test
    void shouldFailWhenTheWindowIsSmallerByASegment() {
        final ScriptResult result = run("ipv4", ACCEPT + """
            +0 < P. 1:101(100) ack 1 win 1000 <nop,nop,TS val 9 ecr 100>
            +.04 > . 1:1(0) ack 101 win 1046 <nop,nop,TS val 100 ecr 9>
            """);
        assertEquals(
                "a.pkt:12: error handling packet: live packet field tcp_window: expected: 1046 (0x416) vs actual: "
                        + "1023 (0x3ff)",
                result.lines().getFirst());
    }

    @Test
    void shouldFailWhenThereAreOtherConnectionsThanTheScriptCounts() {
        assertReports(
                Verdict.FAIL,
                "a.pkt:11: Expected 1 connections in TIME_WAIT but there are 0",
                ACCEPT + "+0 `sockstat -4 -P tcp -s | grep packetdril | grep -c TIME_WAIT | grep 1`\n");
    }

    @Test
    void shouldTakeNumbersAsTheyAreOnTheWireWhenTheyAreMarked() {
        assertPasses("""
            +0 `sysctl -w net.inet.tcp.blackhole=0`
            +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 < S 5:5(0) win 1000
            +0 > R. 0:0(0)! ack 1 win 0
            """);
    }

    @Test
    void shouldSayThatItIsUnsupportedWhenASettingIsNotOurs() {
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: the sysctl net.inet.tcp.blackhole=1",
                "0 `sysctl -w net.inet.tcp.blackhole=1`\n+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
        assertReports(
                Verdict.UNSUPPORTED,
                "a.pkt:1: unsupported: sctp within UDP",
                "--udp_encapsulation=sctp\n0 `sysctl -w net.inet.tcp.udp_tunneling_port=9811`\n");
    }

    @Test
    void shouldCompareTheUdpPortsAroundASegment() {
        final String script = """
            --udp_encapsulation=tcp
            0 `sysctl -w net.inet.tcp.udp_tunneling_port=9811`
            +0 < S 0:0(0) win 1/udp(1 > 9811)
            """;
        assertPasses(script + "+0 > R. 0:0(0)! ack 1 win 0/udp(9811 > 1)\n");
        assertReports(
                Verdict.FAIL,
                "a.pkt:4: error handling packet: live packet field udp_dst_port: expected: 2 (0x2) vs actual: 1 (0x1)",
                script + "+0 > R. 0:0(0)! ack 1 win 0/udp(9811 > 2)\n");
        assertReports(
                Verdict.FAIL,
                "a.pkt:4: error handling packet: live packet field udp_src_port: expected: 0 (0x0) vs actual: 9811"
                        + " (0x2653)",
                script + "+0 > R. 0:0(0)! ack 1 win 0\n");
    }

    @Test
    void shouldKeepSocketsAliveAsTheSystemIsConfigured() {
        assertPasses("""
            0 `sysctl -w net.inet.tcp.keepidle=15000`
            +0 `sysctl -w net.inet.tcp.keepintvl=20000`
            +0 `sysctl -w net.inet.tcp.keepcnt=2`
            +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 getsockopt(3, IPPROTO_TCP, TCP_KEEPIDLE, [15], [4]) = 0
            +0 getsockopt(3, IPPROTO_TCP, TCP_KEEPINTVL, [20], [4]) = 0
            +0 getsockopt(3, IPPROTO_TCP, TCP_KEEPCNT, [2], [4]) = 0
            +0 close(3) = 0
            // Without a socket settings may change.
            +1 `sysctl -w net.inet.tcp.keepcnt=8`
            +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 getsockopt(3, IPPROTO_TCP, TCP_KEEPCNT, [8], [4]) = 0
            """);
    }
}
