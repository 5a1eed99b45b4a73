package io.millrace.stack.socket.tcp.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MD5 signatures that Linux 6 made over its loopback, with the key "opensesame". */
class Md5VectorTest {
    private static final String DATA_V4 = "45000041a2f14000400699c37f0000017f000001"
            + "9cf3143bdb69cf173419e3b3a0180040fe35000001011312ab1f32451d6da6e0a4d42472d7fa09fd68656c6c6f";
    private static final String LOOPBACK_TWICE = "0000000000000000000000000000000100000000000000000000000000000001";
    private static final String ACK_V6 = "600d51cb00280640" + LOOPBACK_TWICE
            + "9cf3143bc68cbbeaef5488a5a010004000300000010113126415acb51f6ab2215d913b38e256d1e8";
    private static final String DATA_V6 = "600d51cb002d0640" + LOOPBACK_TWICE
            + "9cf3143bc68cbbeaef5488a5a018004000350000010113128fa44eed11d9824c8275ac595b3e930068656c6c6f";

    private final SegmentDigest digest = new SegmentDigest();

    private static Md5Key key(final String secret) {
        return new Md5Key(Cidr.parse("0.0.0.0/0"), secret.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {DATA_V4, ACK_V6, DATA_V6})
    @Origin("RFC 2385 2")
    void shouldKnowLinuxsSignaturesAndMakeTheSame(final String packet) {
        final MemorySegment memory = Frames.ofHex(packet);
        final boolean four = packet.startsWith("4");
        final int at = four ? 20 : 40;
        final int length = (int) memory.byteSize() - at;
        final IpRepr ip = new IpRepr();
        ip.family = four ? IpFamily.V4 : IpFamily.V6;
        ip.srcHi = four ? 0 : Ipv6View.srcHi(memory, 0);
        ip.srcLo = four ? Ipv4View.src(memory, 0) : Ipv6View.srcLo(memory, 0);
        ip.dstHi = ip.srcHi;
        ip.dstLo = ip.srcLo;
        final TcpRepr header = new TcpRepr();
        assertTrue(header.parse(memory, at, length));
        assertEquals(TcpView.OPTION_MD5, header.signature);
        assertTrue(digest.verifyMd5(key("opensesame"), ip, memory, at, length, header.codeOffset));
        assertFalse(digest.verifyMd5(key("opensesamE"), ip, memory, at, length, header.codeOffset));

        final String before = Frames.hex(memory, at, length);
        memory.asSlice(header.codeOffset, SegmentDigest.MD5_LENGTH).fill((byte) 0);
        assertFalse(digest.verifyMd5(key("opensesame"), ip, memory, at, length, header.codeOffset));
        digest.signMd5(key("opensesame"), ip, memory, at, length, header.codeOffset);
        assertEquals(before, Frames.hex(memory, at, length));
    }

    @Test
    void shouldFindTheKeyOfTheLongestPrefix() {
        final TcpKeys keys = TcpKeys.create();
        keys.set(new Md5Key(Cidr.parse("192.0.2.7/24"), new byte[] {1}));
        keys.set(new Md5Key(Cidr.parse("192.0.2.9/32"), new byte[] {2}));
        keys.set(new Md5Key(Cidr.parse("2001:db8::/32"), new byte[] {3}));
        assertEquals(1, secretFor(keys, "192.0.2.1"));
        assertEquals(2, secretFor(keys, "192.0.2.9"));
        assertEquals(0, secretFor(keys, "192.0.3.9"));
        assertEquals(3, secretFor(keys, "2001:db8::9"));
        keys.set(new Md5Key(Cidr.parse("192.0.2.0/24"), new byte[] {4}));
        assertEquals(4, secretFor(keys, "192.0.2.1"));
        assertTrue(keys.removeMd5(Cidr.parse("192.0.2.9/32")));
        assertFalse(keys.removeMd5(Cidr.parse("192.0.2.9/32")));
        assertEquals(4, secretFor(keys, "192.0.2.9"));
        assertEquals("[MD5 key for 2001:db8::/32, MD5 key for 192.0.2.0/24]", keys.toString());
    }

    private static int secretFor(final TcpKeys keys, final String address) {
        final IpAddress peer = IpAddress.parse(address);
        final Md5Key key = keys.md5(peer.family(), peer.hi(), peer.lo());
        return key == null ? 0 : key.secret()[0];
    }

    @Test
    void shouldTakeSecretsOf1To80Bytes() {
        final Cidr<?> peer = Cidr.parse("192.0.2.0/24");
        assertEquals(80, new Md5Key(peer, new byte[80]).secret().length);
        assertThrows(IllegalArgumentException.class, () -> new Md5Key(peer, new byte[0]));
        assertEquals(
                "an MD5 secret of 81 bytes for 192.0.2.0/24; it must be 1 to 80",
                assertThrows(IllegalArgumentException.class, () -> new Md5Key(peer, new byte[81]))
                        .getMessage());
    }
}
