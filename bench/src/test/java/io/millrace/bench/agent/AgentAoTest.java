package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TCP_AO_ADD_KEY, TCP_AO_DEL_KEY, TCP_AO_INFO and TCP_AO_GET_KEYS, in Linux's structures and with its errors. */
final class AgentAoTest extends AgentCallsTest {
    private static final String PEER = "0a000001";
    private static final int CURRENT = 1;
    private static final int NEXT = 2;
    private static final int ALL = 4;
    private static final int REQUIRED = 4;
    private static final int GET_LENGTH = 304;

    private static ByteBuffer fields(final int length, final int family, final String address) {
        final ByteBuffer fields = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        fields.putShort(0, (short) family)
                .put(family == 2 ? 4 : 8, HexFormat.of().parseHex(address));
        return fields;
    }

    private static String hex(final ByteBuffer fields) {
        return HexFormat.of().formatHex(bytes(fields));
    }

    private static byte[] bytes(final ByteBuffer fields) {
        final byte[] bytes = new byte[fields.capacity()];
        fields.get(0, bytes);
        return bytes;
    }

    /** A {@code struct tcp_ao_add}. */
    private static ByteBuffer add(final String address, final int prefix, final int send, final int receive) {
        final ByteBuffer fields = fields(288, address.length() == 8 ? 2 : 10, address);
        final byte[] secret = "right".getBytes(StandardCharsets.US_ASCII);
        fields.put(128, "hmac(sha1)".getBytes(StandardCharsets.US_ASCII));
        fields.put(202, (byte) prefix).put(203, (byte) send).put(204, (byte) receive);
        return fields.put(207, (byte) secret.length).put(208, secret);
    }

    private static ByteBuffer add() {
        return add(PEER, 32, 100, 200);
    }

    private static String adding(final int fd, final ByteBuffer key) {
        return "setsockopt " + fd + " 6 38 " + hex(key);
    }

    /** A {@code struct tcp_ao_del}. */
    private static ByteBuffer delete(final int prefix, final int send, final int receive) {
        return fields(144, 2, PEER)
                .put(138, (byte) prefix)
                .put(139, (byte) send)
                .put(140, (byte) receive);
    }

    private static String deleting(final int fd, final ByteBuffer key) {
        return "setsockopt " + fd + " 6 39 " + hex(key);
    }

    /** A {@code struct tcp_ao_info_opt}. */
    private static String info(final int fd, final int flags, final int current, final int next) {
        final ByteBuffer fields =
                ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN).putInt(0, flags);
        return "setsockopt " + fd + " 6 40 " + hex(fields.put(6, (byte) current).put(7, (byte) next));
    }

    private ByteBuffer told(final String request) {
        final String answer = rig.ask(request);
        assertTrue(answer.startsWith("0 0 "), request + ": " + answer);
        return ByteBuffer.wrap(HexFormat.of().parseHex(answer.substring(4))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer told(final int fd) {
        return told("getsockopt " + fd + " 6 40 48");
    }

    /** A {@code struct tcp_ao_getsockopt} that asks for all keys. */
    private static ByteBuffer all(final int count) {
        return ByteBuffer.allocate(GET_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(272, count)
                .putShort(276, (short) ALL);
    }

    private static String asking(final int fd, final ByteBuffer structure) {
        return "getsockopt " + fd + " 6 41 " + GET_LENGTH + " " + hex(structure);
    }

    private void open() {
        expect("3 0", "socket 2 1 0");
    }

    @ParameterizedTest
    @CsvSource({
        "207, 81, 22", // the secret is too long
        "207, 0, 22", // and too short
        "196, 4, 22", // reserved
        "200, 1, 22", // reserved, too
        "0, 1, 22", // not of the socket's family
        "2, 1, 22", // a port
        "202, 0, 22", // for all, and with an address
        "202, 129, 22", // a prefix that is too long
        "202, 2, 22", // and one with bits behind it
        "206, 255, 22", // flags that there are not
        "192, 42, 22", // an interface
        "205, 100, 90", // a code that no SYN has room for: EMSGSIZE
        "205, 16, 95", // and one that we do not make: EOPNOTSUPP
        "128, 1, 2", // an algorithm of another name: ENOENT
    })
    void shouldRefuseKeysAsLinuxDoes(int offset, int value, int errno) {
        open();
        expect("-1 " + errno, adding(3, add().put(offset, (byte) value)));
        expect("0 0", adding(3, add()));
    }

    @Test
    void shouldWantStructuresOfTheirLengthAndNothingUnknownBehindThem() {
        open();
        expect("-1 22", adding(3, add()).substring(0, 400));
        expect("0 0", adding(3, add()) + "00000000");
        expect("-1 7", adding(3, add()) + "00000001");
        expect("-1 22", deleting(3, delete(32, 100, 200)).substring(0, 200));
        expect("-1 22", info(3, 0, 0, 0).substring(0, 60));
    }

    @Test
    @Origin("RFC 5925 3.1")
    void shouldNotTakeAnIdTwiceForOnePeer() {
        open();
        expect("0 0", adding(3, add()));
        expect("-1 17", adding(3, add()));
        expect("-1 17", adding(3, add(PEER, 32, 100, 201)));
        expect("-1 17", adding(3, add(PEER, 32, 101, 200)));
        expect("-1 17", adding(3, add("00000000", 0, 100, 201)));
        expect("-1 17", adding(3, add("0a000000", 24, 101, 200)));
        expect("0 0", adding(3, add("0a000002", 32, 100, 200)));
        expect("0 0", adding(3, add(PEER, 32, 101, 201)));
    }

    @Test
    void shouldTakeKeysOfOneKindForAPeerOnly() {
        open();
        final ByteBuffer md5 = fields(216, 2, PEER).putShort(130, (short) 5);
        expect("0 0", "setsockopt 3 6 14 " + hex(md5));
        expect("-1 129", adding(3, add()));
        expect("-1 129", info(3, REQUIRED, 0, 0));
        expect("0 0", "setsockopt 3 6 14 " + hex(md5.putShort(130, (short) 0)));
        expect("0 0", adding(3, add()));
        expect("-1 129", "setsockopt 3 6 14 " + hex(md5.putShort(130, (short) 5)));
    }

    @Test
    void shouldTakeBackKeysThatAreNotInUse() {
        open();
        expect("-1 2", deleting(3, delete(32, 100, 200)));
        expect("0 0", adding(3, add().putInt(196, CURRENT | NEXT)));
        expect("0 0", adding(3, add(PEER, 32, 101, 201)));
        expect("-1 22", deleting(3, delete(32, 100, 200).putInt(132, 8)));
        expect("-1 22", deleting(3, delete(32, 100, 200).putShort(136, (short) 1)));
        expect("-1 22", deleting(3, delete(32, 100, 200).put(143, (byte) 255)));
        expect("-1 22", deleting(3, delete(32, 100, 200).putInt(132, 4))); // later, but it does not listen
        expect("-1 2", deleting(3, delete(32, 100, 201)));
        expect("-1 2", deleting(3, delete(32, 101, 200)));
        expect("-1 16", deleting(3, delete(32, 100, 200)));
        expect("-1 2", deleting(3, delete(32, 100, 200).putInt(132, CURRENT).put(141, (byte) 102)));
        final ByteBuffer others = delete(32, 100, 200).putInt(132, CURRENT | NEXT);
        expect("0 0", deleting(3, others.put(141, (byte) 101).put(142, (byte) 201)));
        assertEquals(101, told(3).get(6));
        assertEquals(201, told(3).get(7) & 0xFF);
        expect("-1 16", deleting(3, delete(32, 101, 201)));
    }

    @Test
    void shouldChooseNoKeyForAListener() {
        open();
        expect("0 0", adding(3, add()));
        expect("0 0", "listen 3 1");
        expect("-1 22", adding(3, add(PEER, 32, 101, 201).putInt(196, CURRENT)));
        expect("-1 22", info(3, NEXT, 0, 200));
        expect("-1 22", deleting(3, delete(32, 100, 200).putInt(132, CURRENT).put(141, (byte) 100)));
        expect("0 0", info(3, REQUIRED, 0, 0));
        expect("0 0", deleting(3, delete(32, 100, 200).putInt(132, 4)));
    }

    @Test
    void shouldTellAndSetWhatIsKnown() {
        open();
        expect("-1 2", "getsockopt 3 6 40 48");
        expect("-1 2", asking(3, all(1)));
        expect("0 0", adding(3, add()));
        expect("-1 22", info(3, 32, 0, 0));
        expect("-1 2", info(3, CURRENT, 101, 0));
        expect("-1 2", info(3, NEXT, 0, 100));
        expect("0 0", info(3, CURRENT | NEXT | REQUIRED | 8 | 16, 100, 200));
        final ByteBuffer told = told(3);
        assertEquals(CURRENT | NEXT | REQUIRED | 16, told.getInt(0));
        assertEquals(100, told.get(6));
        assertEquals(200, told.get(7) & 0xFF);
        assertEquals(8, told("getsockopt 3 6 40 8").capacity());
        expect("-1 92", "getsockopt 3 6 38 48");
    }

    @Test
    void shouldListKeys() {
        open();
        expect("0 0", adding(3, add().putInt(196, NEXT)));
        expect("0 0", adding(3, add("0a000000", 24, 1, 2).put(206, (byte) 2)));
        final ByteBuffer told = told(asking(3, all(8)));
        assertEquals(2 * GET_LENGTH, told.capacity());
        assertEquals(2, told.getInt(272));
        assertEquals(NEXT, told.getShort(276));
        assertEquals(hex(add().position(0)).substring(0, 2 * 192), hex(told).substring(0, 2 * 192));
        assertEquals("right", new String(bytes(told), 192, told.get(283), StandardCharsets.US_ASCII));
        assertEquals(12, told.get(281));
        assertEquals(24, told.get(GET_LENGTH + 280));
        assertEquals(2, told.get(GET_LENGTH + 282));
        assertEquals(GET_LENGTH, told(asking(3, all(1))).capacity());
        final ByteBuffer one = fields(GET_LENGTH, 2, "0a000000").putInt(272, 8).put(280, (byte) 24);
        assertEquals(0, told(asking(3, one)).getInt(272));
        assertEquals(
                1, told(asking(3, one.put(278, (byte) 1).put(279, (byte) 2))).getInt(272));
        expect("-1 22", asking(3, one.putShort(276, (short) ALL)));
        expect("-1 22", asking(3, all(1).put(280, (byte) 1)));
        expect("-1 22", asking(3, all(1).putShort(276, (short) (ALL | CURRENT))));
        expect("-1 22", asking(3, all(1).putLong(288, 1)));
        expect("-1 97", asking(3, all(1).putShort(276, (short) 0)));
        assertEquals(1, told(asking(3, all(1).putShort(276, (short) NEXT))).getInt(272));
    }

    @Test
    void shouldNameIpv4PeersOfASocketOfIpv6ByMappedAddresses() {
        expect("3 0", "socket 10 1 0");
        expect("0 0", adding(3, add("00000000000000000000ffff0a000001", 32, 1, 2)));
        expect("0 0", adding(3, add("20010db8000000000000000000000000", 32, 1, 2)));
        expect("-1 22", adding(3, add("00000000000000000000ffff0a000001", 33, 3, 4)));
        expect("-1 22", adding(3, add("20010db8000000000000000000000001", 32, 3, 4)));
        expect("-1 22", adding(3, add(PEER, 32, 3, 4)));
        assertEquals(2, told(asking(3, all(2))).getShort(0));
    }

    @Test
    @Origin("RFC 5925 7.5")
    void shouldChangeKeysOfAConnectionWithoutALoss() {
        open();
        expect("0 0", adding(3, add(PEER, 32, 2, 1)));
        expect("0 0", "bind 3 10.0.0.1 7");
        expect("0 0", "listen 3 1");
        expect("4 0", "socket 2 1 0");
        expect("0 0", adding(4, add("0a000002", 32, 9, 9).putInt(196, CURRENT))); // for others
        expect("0 0", adding(4, add(PEER, 32, 1, 2)));
        expect("0 0", "connect 4 10.0.0.1 7");
        final String accepted = rig.ask("accept 3");
        assertTrue(accepted.startsWith("5 0 "), accepted);
        expect("100 0", "send 4 100 0");
        expect("100 0", "recv 5 100 0");
        assertEquals(1, told(4).get(6));
        assertEquals(2, told(4).get(7));
        assertTrue(told(5).getLong(8) >= 1, "verified segments");
        assertEquals(0, told(5).getLong(16));
        assertTrue(told(asking(5, all(1))).getLong(288) >= 1, "verified by the key");

        for (final int fd : new int[] {4, 5}) {
            final boolean client = fd == 4;
            expect("-1 17", adding(fd, add(PEER, 32, client ? 1 : 3, client ? 4 : 1)));
            expect("-1 22", adding(fd, add("0a000002", 32, 3, 4))); // not its peer
            expect("0 0", adding(fd, add(PEER, 32, client ? 3 : 4, client ? 4 : 3)));
        }
        expect("0 0", info(4, NEXT, 0, 4));
        expect("100 0", "send 4 100 0"); // says that it would like the new one
        expect("100 0", "recv 5 100 0");
        assertEquals(4, told(5).get(6));
        expect("0 0", info(5, NEXT, 0, 3));
        expect("100 0", "send 5 100 0");
        expect("100 0", "recv 4 100 0");
        assertEquals(3, told(4).get(6));
        for (final int fd : new int[] {4, 5}) {
            expect("0 0", deleting(fd, delete(32, fd == 4 ? 1 : 2, fd == 4 ? 2 : 1)));
        }
        expect("-1 16", deleting(4, delete(32, 3, 4)));
        expect("100 0", "send 4 100 0");
        expect("100 0", "recv 5 100 0");
    }

    @Test
    void shouldNotBeginWithinAConnection() {
        open();
        expect("0 0", "bind 3 10.0.0.1 7");
        expect("0 0", "listen 3 1");
        expect("4 0", "socket 2 1 0");
        expect("0 0", "connect 4 10.0.0.1 7");
        expect("-1 106", adding(4, add()));
        expect("-1 106", info(4, REQUIRED, 0, 0));
        expect("-1 2", "getsockopt 4 6 40 48");
    }
}
