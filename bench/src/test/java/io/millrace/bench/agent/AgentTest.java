package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and their answers, which are what the same calls give on Linux x86-64. */
class AgentTest extends AgentCallsTest {
    /** What the call returned. */
    private static long returned(String answer) {
        return Long.parseLong(answer.substring(0, answer.indexOf(' ')));
    }

    private FutureTask<String> begin(String request) {
        final FutureTask<String> answer = new FutureTask<>(() -> rig.ask(request));
        Thread.startVirtualThread(answer);
        return answer;
    }

    /** Descriptors 3, which listens on port 8080, 4 and 5, which are the two ends of a connection; 4 is the client's. */
    private String connect() {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 1 2 01000000");
        expect("0 0", "bind 3 10.0.0.1 8080");
        expect("0 0", "listen 3 1");
        expect("4 0", "socket 2 1 6");
        expect("0 0", "connect 4 10.0.0.1 8080");
        final String accepted = rig.ask("accept 3");
        assertTrue(accepted.startsWith("5 0 10.0.0.1 "), accepted);
        return accepted.substring("5 0 10.0.0.1 ".length());
    }

    @Test
    void shouldLingerWhenThePeerHasNotTakenEverything() throws Exception {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 1 8 00100000"); // 4,096 bytes, of the connection too
        expect("0 0", "bind 3 10.0.0.1 8080");
        expect("0 0", "listen 3 1");
        expect("4 0", "socket 2 1 0");
        expect("0 0", "setsockopt 4 1 13 0100000019000000");
        expect("0 0", "connect 4 10.0.0.1 8080");
        assertTrue(rig.ask("accept 3").startsWith("5 0 "));
        expect("100000 0", "send 4 100000 0x40");
        final FutureTask<String> close = begin("close 4");
        expect("90000 0", "recv 5 90000 0x100");
        assertFalse(close.isDone());
        expect("10000 0", "recv 5 10000 0x100");
        assertEquals("0 0", close.get());
        expect("0 0", "recv 5 1 0");
    }

    @ParameterizedTest
    @CsvSource({
        "'', -1 38",
        "getpid, -1 38",
        "socket 2 1, -1 22",
        "socket 2 1 0 0, -1 22",
        "socket 2 one 0, -1 22",
        "socket 2 1 0x, -1 22",
        "socket 1 1 0, -1 97",
        "socket 2 3 0, -1 93",
        "socket 2 5 0, -1 94",
        "socket 10 2 1, -1 93",
        "socket 2 99 0, -1 22",
        "socket 2 1 17, -1 93",
        "socket 2 2 6, -1 93",
        "socket 2 1 300, -1 22",
        "bind 3 10.0.0.1 80, -1 9",
        "close 3, -1 9",
        "recv 3 10 0, -1 9",
        "poll 3 1 0, 1 0 32",
        "reset, 0 0",
        "reset now, -1 22",
    })
    void shouldAnswerWhatLinuxDoesWhenThereIsNoSocket(String request, String answer) {
        expect(answer, request);
    }

    @ParameterizedTest
    @CsvSource({
        "recv 3 10 0, -1 107",
        "send 3 10 0, -1 32",
        "accept 3, -1 22",
        "shutdown 3 1, -1 107",
        "shutdown 3 3, -1 22",
        "poll 3 0x2005 0, 1 0 20",
        "fcntl 3 3 0, 2 0",
        "fcntl 3 99 0, -1 22",
        "ioctl 3 0x541B, 0 0 0",
        "ioctl 3 0x5411, 0 0 0",
        "ioctl 3 1, -1 25",
        "getsockopt 3 1 3 4, 0 0 01000000",
        "getsockopt 3 1 4 4, 0 0 00000000",
        "getsockopt 3 1 38 4, 0 0 06000000",
        "getsockopt 3 1 39 4, 0 0 02000000",
        "getsockopt 3 1 999 4, -1 92",
        "getsockopt 3 99 1 4, -1 95",
        "getsockopt 3 41 26 4, -1 95",
        "setsockopt 3 99 1 00000000, -1 92",
        "getsockopt 3 6 2 4, 0 0 18020000",
        "getsockopt 3 6 1 2, 0 0 0000",
        "setsockopt 3 6 1 -, -1 22",
        "setsockopt 3 6 1 0100, -1 22",
        "setsockopt 3 6 1 xx, -1 22",
        "setsockopt 3 6 4 00000000, -1 22",
        "setsockopt 3 6 2 10000000, -1 22",
        "setsockopt 3 6 13 6e6f7065, -1 2",
        "setsockopt 3 0 2 00000000, -1 22",
        "bind 3 10.0.0.9 80, -1 99",
        "bind 3 2001:db8::1 80, -1 97",
        "bind 3 ten 80, -1 22",
        "bind 3 10.0.0.1 65536, -1 22",
        "connect 3 10.0.0.1 81, -1 111",
        "connect 3 192.0.2.1 81, -1 101",
        "connect 3 unspec 0, 0 0",
    })
    void shouldAnswerWhatLinuxDoesWhenASocketIsNew(String request, String answer) {
        expect("3 0", "socket 2 1 0");
        expect(answer, request);
    }

    @Test
    void shouldMoveBytesBothWays() {
        final String port = connect();
        expect("1000 0", "send 4 1000 0");
        expect("1 0 1", "poll 5 1 60000");
        expect("0 0 1000", "ioctl 5 0x541B");
        expect("300 0", "recv 5 300 2");
        expect("300 0", "recv 5 300 0");
        expect("700 0 unspec 0", "recvfrom 5 5000 0");
        expect("-1 11", "recv 5 1 0x40");
        expect("0 0 0", "poll 5 1 10");
        expect("5 0", "sendto 5 5 0 none 0");
        expect("5 0", "recv 4 5 0x100");
        expect("-1 11", "recv 5 0 0x40"); // as Linux: nothing is there
        assertFalse(port.isEmpty());
    }

    /** MSG_OOB, POLLPRI and SIOCATMARK; what is urgent is in line. */
    @Test
    @Origin("RFC 6093 6")
    void shouldReadUpToTheLastUrgentByteAndThenOn() {
        connect();
        expect("10 0", "send 4 10 0");
        expect("5 0", "send 4 5 1");
        expect("1 0 2", "poll 5 2 60000");
        expect("0 0 0", "ioctl 5 0x8905");
        expect("14 0", "recv 5 100 2");
        expect("14 0", "recv 5 100 0");
        expect("0 0 1", "ioctl 5 0x8905");
        expect("-1 22", "recv 5 1 1");
        expect("1 0", "recv 5 100 0");
        expect("0 0 0", "ioctl 5 0x8905");
        expect("0 0 0", "poll 5 2 0");
        expect("3 0", "send 4 3 1");
        expect("1 0 2", "poll 5 2 60000");
        expect("3 0", "recv 5 3 0x100"); // MSG_WAITALL asks for more than there is before the mark
        expect("6 0", "socket 2 2 0");
        expect("-1 25", "ioctl 6 0x8905"); // datagrams have none
    }

    @Test
    void shouldBlockOnlyTheCallThatWaits() throws Exception {
        connect();
        final FutureTask<String> all = begin("recv 5 2000000 0x100");
        final FutureTask<String> accept = begin("accept 3");
        expect("0 0", "setsockopt 4 1 7 00000400");
        expect("1500000 0", "send 4 1500000 0");
        assertFalse(all.isDone());
        expect("500000 0", "send 4 500000 0");
        assertEquals("2000000 0", all.get());
        assertFalse(accept.isDone());
        expect("0 0", "reset");
        assertEquals("-1 9", accept.get());
        expect("-1 9", "recv 5 1 0");
    }

    @Test
    void shouldEndCallsThatWaitWhenReset() throws Exception {
        connect();
        final FutureTask<String> receive = begin("recv 5 1 0");
        final FutureTask<String> poll = begin("poll 5 1 -1");
        final FutureTask<String> send = begin("send 4 100000000 0");
        expect("1 0 4", "poll 5 4 60000");
        expect("0 0", "reset");
        assertTrue(List.of("-1 9", "-1 104", "1 0").contains(receive.get()), receive::resultNow);
        assertTrue(poll.get().startsWith("1 0 "), poll::resultNow);
        final long sent = returned(send.get());
        assertTrue(sent < 100_000_000, send::resultNow);
        expect("-1 9", "recv 5 1 0");
    }

    @Test
    void shouldTellWhatWasMovedWhenTheTimeoutPasses() {
        connect();
        expect("0 0", "setsockopt 5 1 20 0000000000000000204e000000000000"); // 20 ms
        expect("-1 11", "recv 5 10 0x100");
        expect("3 0", "send 4 3 0");
        expect("1 0 1", "poll 5 1 60000");
        expect("3 0", "recv 5 10 0x100");
        expect("0 0", "setsockopt 4 1 21 0000000000000000204e000000000000");
        long total = 0;
        long sent = returned(rig.ask("send 4 50000000 0"));
        while (sent > 0) {
            total += sent;
            sent = returned(rig.ask("send 4 50000000 0"));
        }
        assertTrue(total > 100_000 && total < 50_000_000, "sent " + total);
        expect("0 0", "setsockopt 5 1 20 05000000000000000000000000000000");
        expect(total + " 0", "recv 5 " + total + " 0x100");
    }

    @Test
    void shouldPaceWhatItSendsWhenToldHowFast() {
        connect();
        expect("0 0 ffffffff", "getsockopt 4 1 47 4");
        expect("0 0", "setsockopt 4 1 47 40420f0000000000"); // 1,000,000 bytes a second
        expect("0 0 40420f0000000000", "getsockopt 4 1 47 8");
        expect("0 0 40420f00", "getsockopt 4 1 47 4");
        final long start = System.nanoTime();
        expect("400000 0", "send 4 400000 0");
        expect("400000 0", "recv 5 400000 0x100");
        final long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis >= 250, "400,000 bytes at 1,000,000 a second took " + millis + " ms");
    }

    @Test
    void shouldConnectInTheBackgroundWhenItDoesNotBlock() {
        expect("3 0", "socket 2 0x801 0");
        expect("2050 0", "fcntl 3 3 0");
        expect("-1 115", "connect 3 10.0.0.1 8080");
        expect("1 0 28", "poll 3 4 60000");
        expect("0 0 6f000000", "getsockopt 3 1 4 4");
        expect("0 0 00000000", "getsockopt 3 1 4 4");
        expect("4 0", "socket 2 1 0");
        expect("0 0", "bind 4 10.0.0.1 8080");
        expect("0 0", "listen 4 10");
        expect("-1 103", "connect 3 10.0.0.1 8080");
        expect("-1 115", "connect 3 10.0.0.1 8080");
        expect("1 0 4", "poll 3 4 60000");
        expect("0 0 00000000", "getsockopt 3 1 4 4");
        expect("0 0", "connect 3 10.0.0.1 8080");
        expect("-1 106", "connect 3 10.0.0.1 8080");
        expect("-1 11", "recv 3 1 0");
        expect("0 0", "fcntl 3 4 2");
        expect("2 0", "fcntl 3 3 0");
    }

    @Test
    void shouldShutDownEachHalf() {
        connect();
        expect("0 0", "shutdown 4 1");
        expect("-1 32", "send 4 1 0");
        expect("0 0", "recv 5 1 0");
        expect("1 0 8193", "poll 5 0x2001 60000");
        expect("10 0", "send 5 10 0");
        expect("10 0", "recv 4 100 0");
        expect("0 0", "shutdown 4 0");
        expect("0 0", "recv 4 100 0");
        expect("0 0", "close 5");
        expect("0 0", "close 4");
        expect("-1 9", "close 4");
    }

    @Test
    void shouldTellOfAReset() {
        connect();
        expect("0 0", "setsockopt 5 1 13 0100000000000000");
        expect("0 0", "close 5");
        expect("1 0 8217", "poll 4 0x2001 60000"); // POLLIN, POLLERR, POLLHUP, POLLRDHUP
        expect("-1 104", "recv 4 1 0");
        expect("0 0", "recv 4 1 0");
        expect("-1 32", "send 4 1 0");
    }

    @Test
    void shouldHandOutWhatCameBeforeAReset() {
        connect();
        expect("10 0", "send 4 10 0");
        expect("1 0 1", "poll 5 1 60000");
        expect("0 0", "setsockopt 4 1 13 0100000000000000");
        expect("0 0", "close 4");
        expect("1 0 8216", "poll 5 0x2000 60000"); // POLLERR, POLLHUP, POLLRDHUP
        expect("5 0", "recv 5 5 0");
        expect("5 0", "recv 5 100 0x100");
        expect("-1 104", "recv 5 1 0");
        expect("0 0", "recv 5 1 0");
    }

    @Test
    void shouldTellHowTheConnectionIs() {
        connect();
        expect("1234 0", "send 4 1234 0");
        expect("1234 0", "recv 5 1234 0x100");
        final String answer = rig.ask("getsockopt 5 6 11 1000");
        assertTrue(answer.startsWith("0 0 "), answer);
        final ByteBuffer info = ByteBuffer.wrap(HexFormat.of().parseHex(answer.substring("0 0 ".length())))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(280, info.capacity());
        assertEquals(1, info.get(0)); // TCP_ESTABLISHED
        assertEquals(7, info.get(5)); // timestamps, SACK, window scale
        assertTrue(info.getInt(16) > 1_400, "tcpi_snd_mss");
        assertTrue(info.getInt(80) >= 9 && info.getInt(80) <= 10, "tcpi_snd_cwnd");
        assertEquals(info.getInt(16), info.getInt(84)); // tcpi_advmss, which Linux takes timestamps off
        assertEquals(1_234, info.getLong(128)); // tcpi_bytes_received
        assertEquals(Integer.MAX_VALUE, info.getInt(76)); // tcpi_snd_ssthresh
        expect("0 0 0a00", "getsockopt 3 6 11 2"); // TCP_LISTEN
    }

    @Test
    void shouldTellThePeersUdpPortOfWhatIsWithinUdp() {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "bind 3 10.0.0.1 5000");
        expect("0 0", "listen 3 8");
        expect("4 0", "socket 2 1 0");
        expect("0 0 00000000", "getsockopt 4 6 71 4"); // TCP_REMOTE_UDP_ENCAPS_PORT of FreeBSD
        expect("-1 22", "setsockopt 4 6 71 00000100"); // 65,536
        expect("0 0", "setsockopt 4 6 71 ab260000"); // 9,899
        expect("-1 22", "setsockopt 3 6 71 ab260000"); // what listens answers as it is asked
        expect("0 0", "connect 4 10.0.0.1 5000");
        expect("-1 22", "setsockopt 4 6 71 00000000");
        assertTrue(rig.ask("accept 3").startsWith("5 0"));
        expect("0 0 ab260000", "getsockopt 5 6 71 4");
    }

    @Test
    void shouldKeepOptionsAndGiveThemToWhatIsAccepted() {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 1 7 00200000");
        expect("0 0 00400000", "getsockopt 3 1 7 4");
        expect("0 0", "setsockopt 3 1 8 01000000");
        expect("0 0 00090000", "getsockopt 3 1 8 4");
        expect("0 0", "setsockopt 3 1 9 01000000");
        expect("0 0", "setsockopt 3 6 4 3c000000");
        expect("0 0", "setsockopt 3 6 18 e8030000");
        expect("0 0", "setsockopt 3 6 13 72656e6f");
        expect("0 0", "setsockopt 3 0 1 10000000");
        expect("0 0", "setsockopt 3 1 20 0000000000000000e803000000000000");
        expect("0 0", "listen 3 1");
        expect("4 0", "socket 2 1 0");
        expect("-1 11", "accept 3"); // SO_RCVTIMEO
        expect("0 0 01000000", "getsockopt 3 1 30 4");
        expect("0 0", "close 4");
        expect("0 0", "close 3");
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 6 13 72656e6f00");
        expect("0 0", "setsockopt 3 6 1 01000000");
        expect("0 0", "close 3");
        connect();
        expect("0 0", "setsockopt 3 6 13 72656e6f");
        expect("6 0", "socket 2 1 0");
        expect("0 0", "connect 6 10.0.0.1 8080");
        assertTrue(rig.ask("accept 3").startsWith("7 0 "));
        expect("0 0 72656e6f000000000000000000000000", "getsockopt 7 6 13 16");
        expect("0 0 6375626963", "getsockopt 6 6 13 5");
    }

    @Test
    void shouldSpeakUdp() {
        expect("3 0", "socket 2 2 0");
        expect("4 0", "socket 2 2 17");
        expect("-1 89", "send 3 10 0");
        expect("0 0", "bind 3 10.0.0.1 53");
        expect("-1 98", "bind 4 10.0.0.1 53");
        expect("0 0", "bind 4 10.0.0.1 54");
        expect("2000 0", "sendto 3 2000 0 10.0.0.1 54");
        expect("1 0 1", "poll 4 1 60000");
        expect("0 0 2000", "ioctl 4 0x541B");
        expect("100 0 10.0.0.1 53", "recvfrom 4 100 2");
        expect("2000 0", "recv 4 100 0x20");
        expect("-1 11", "recv 4 100 0x40");
        expect("-1 90", "sendto 3 70000 0 10.0.0.1 54");
        expect("-1 101", "sendto 3 1 0 192.0.2.1 54");
        expect("-1 13", "sendto 3 1 0 10.0.0.255 54");
        expect("0 0", "connect 3 10.0.0.1 99");
        expect("1 0", "send 3 1 0");
        expect("1 0 8", "poll 3 1 60000");
        expect("-1 111", "recv 3 1 0x40");
        expect("-1 95", "listen 3 1");
        expect("-1 95", "accept 3");
        expect("0 0", "connect 3 unspec 0");
        expect("-1 107", "shutdown 3 1");
        expect("0 0", "close 3");
    }

    @Test
    void shouldSpeakIpv6AndHearIpv4OnTheSameSocket() {
        expect("3 0", "socket 10 1 0");
        expect("0 0 00000000", "getsockopt 3 41 26 4");
        expect("-1 22", "bind 3 10.0.0.1 8080");
        expect("0 0", "bind 3 :: 8080");
        expect("0 0", "listen 3 5");
        expect("4 0", "socket 2 1 0");
        expect("0 0", "connect 4 10.0.0.1 8080");
        assertTrue(rig.ask("accept 3").startsWith("5 0 ::ffff:10.0.0.1 "));
        expect("6 0", "socket 10 1 0");
        expect("0 0", "connect 6 ::ffff:10.0.0.1 8080");
        assertTrue(rig.ask("accept 3").startsWith("7 0 ::ffff:10.0.0.1 "));
        expect("8 0", "socket 10 1 0");
        expect("0 0", "connect 8 2001:db8::1 8080");
        assertTrue(rig.ask("accept 3").startsWith("9 0 2001:db8::1 "));
    }

    @Test
    void shouldBeginAnewWhenReset() {
        connect();
        expect("0 0", "close 4");
        expect("0 0", "recv 5 1 0");
        expect("0 0", "close 5");
        expect("0 0", "reset");
        connect();
    }

    @Test
    void shouldAnswerPingsAndRawPacketsWhenLinuxDoes() {
        expect("3 0", "socket 2 2 1");
        expect("0 0", "connect 3 10.0.0.1 0");
        expect("-1 22", "send 3 7 0"); // no ICMP header
        expect("64 0", "send 3 64 0");
        expect("1 0 1", "poll 3 1 60000");
        expect("64 0 10.0.0.1 0", "recvfrom 3 100 0");
        expect("4 0", "socket 2 3 1");
        expect("64 0", "send 3 64 0");
        expect("1 0 1", "poll 4 1 60000");
        expect("84 0 10.0.0.1 0", "recvfrom 4 1000 0"); // the IPv4 header is received too
        expect("5 0", "socket 10 3 253");
        expect("20 0", "sendto 5 20 0 2001:db8::1 0");
        expect("1 0 1", "poll 5 1 60000");
        expect("20 0 2001:db8::1 0", "recvfrom 5 1000 0"); // that of IPv6 is not
    }

    @ParameterizedTest
    @CsvSource({
        // SOL_SOCKET: RCVLOWAT, SNDLOWAT, BINDTODEVICE, OOBINLINE
        "1, 18, 10000000, 10000000",
        "1, 18, 00000000, 01000000",
        "1, 10, 01000000, 01000000",
        // IPPROTO_IP: RECVERR, BIND_ADDRESS_NO_PORT, MULTICAST_LOOP
        "0, 11, 01000000, 01000000",
        "0, 24, 01000000, 01000000",
        "0, 34, 00000000, 00000000",
        // IPPROTO_TCP: SYNCNT, LINGER2, DEFER_ACCEPT (as many seconds as retransmissions cover), WINDOW_CLAMP,
        // NOTSENT_LOWAT
        "6, 7, 03000000, 03000000",
        "6, 8, 0a000000, 0a000000",
        "6, 8, ffffffff, ffffffff",
        "6, 9, 05000000, 07000000",
        "6, 10, 01000000, 80040000",
        "6, 25, 00400000, 00400000",
    })
    void shouldTellAnOptionAsLinuxDoes(int level, int option, String set, String got) {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 " + level + " " + option + " " + set);
        expect("0 0 " + got, "getsockopt 3 " + level + " " + option + " 4");
    }

    @Test
    void shouldBindToAnInterfaceByItsName() {
        expect("3 0", "socket 2 2 0");
        expect("-1 19", "setsockopt 3 1 25 6e6f6e6500"); // "none"
        expect("0 0", "getsockopt 3 1 25 16");
    }

    @Test
    void shouldTellAnUnconnectedSocketOfErrorsWhenItAskedForThem() {
        expect("3 0", "socket 2 2 0");
        expect("0 0", "setsockopt 3 0 11 01000000");
        expect("1 0", "sendto 3 1 0 10.0.0.1 4997");
        expect("1 0 8", "poll 3 8 60000");
        expect("0 0 6f000000", "getsockopt 3 1 4 4");
    }

    @Test
    void shouldSendAFinWhenShutDownWhateverLingerSays() {
        connect();
        expect("0 0", "setsockopt 4 1 13 0100000000000000");
        expect("0 0", "shutdown 4 2");
        expect("0 0", "recv 5 1 0");
        expect("3 0", "send 5 3 0");
        expect("0 0", "close 4");
        expect("1 0 24", "poll 5 0 60000"); // now it is reset
        expect("0 0 20000000", "getsockopt 5 1 4 4"); // EPIPE
    }
}
