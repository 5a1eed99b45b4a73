package io.millrace.stack.socket.tcp.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Codes and keys of others: RFC 9235 for TCP-AO, RFC 4493 for AES-CMAC, the JDK for HMAC. */
class AoVectorTest {
    private static final byte[] SECRET = "testvector".getBytes(StandardCharsets.US_ASCII);
    private static final Cidr<?> ANYBODY = Cidr.parse("0.0.0.0/0");

    private final SegmentDigest digest = new SegmentDigest();

    @ParameterizedTest
    @CsvSource({
        "4.1.1, 45e0004cdd0f4000ff06bf6b0a0b0c0dac1b1c1de9d700b3fbfbab5a00000000e002ffffcac40000020405b401030308"
                + "0402080a00155ab7000000001d103d542ee437c6f8ede6d7c4d602e7, fbfbab5a, 00000000,"
                + " 6d63ef1b02fe1509d4b1402707fd7b0416abb74f",
        "4.1.2, 45e0004c65064000ff063775ac1b1c1d0a0b0c0d00b3e9d711c14261fbfbab5be012ffff37760000020405b401030308"
                + "0402080a84a50beb00155ab71d10543deeab0fe24c3010815116b3be, 11c14261, fbfbab5a,"
                + " d9e217e4834a80ca2f3fd8de2e41b8e6797fea96",
        "4.1.3, 45e0008736a14000ff06659f0a0b0c0dac1b1c1de9d700b3fbfbab5b11c14262c0180104a16200000101080a00155ac1"
                + "84a50beb1d103d547064cf998cc6c315c2c2e2bfffffffffffffffffffffffffffffffff00430104dabf00b40a0b0c0d"
                + "260206010400010001020280000202020002024200020641040000dabf02084006006400010100, fbfbab5a, 11c14261,"
                + " d2e59c65ffc7b1a39347656463b70edc24a13d71",
        "4.2.1, 45e0004c53994000ff0648e20a0b0c0dac1b1c1dff1200b3cb0efbee00000000e002ffff541f0000020405b401030308"
                + "0402080a00024cce000000001d103d5480af3cfeb85368937b8f9ec2, cb0efbee, 00000000,"
                + " 30eaa1560cf0be57dab5c045229fb10a423cd7ea",
        "4.2.4, 45e0008754374000ff064809ac1b1c1d0a0b0c0d00b3ff12acd5b5e2cb0efc32c018010046b600000101080a576772f3"
                + "00024cce1d10543d97766e48ac262de9ae61b4f9ffffffffffffffffffffffffffffffff00430104dac000b4ac1b1c1d"
                + "260206010400010001020280000202020002024200020641040000dac002084006006400010100, acd5b5e1, cb0efbee,"
                + " b5b2896bb3664e8176b0edc6e799524101a8307f",
        "5.1.1, 45e0004c7b9f4000ff0620dc0a0b0c0dac1b1c1dc4fa00b3787a1ddf00000000e002ffff5a0f0000020405b401030308"
                + "0402080a00017ed0000000001d103d54e477e99c8040765498e55091, 787a1ddf, 00000000,"
                + " f5b8b3d5f34fdbb6eb8d4ab9660e60e3",
        "6.1.1, 6e0891dc00380640fd000000000000000000000000000001fd000000000000000000000000000002f7e400b3176a833f"
                + "00000000e002ffff47210000020405a0010303080402080a0041d087000000001d103d549033ec3d7334b64c5edd039f,"
                + " 176a833f, 00000000, 625ec09d575836edc9b6428418bbf06989a361bb",
        "6.2.4, 6e0a7e1f00730640fd000000000000000000000000000002fd00000000000000000000000000000100b3c6cdeba3734e"
                + "020c1eadc0180100716a00000101080a5ec99b7a009db9651d10543d559a819445b4fde98d9e1317ffffffffffffffff"
                + "ffffffffffffffff00430104fde800b40101017a260206010400010001020280000202020002024200020641040000fd"
                + "e802084006006400010100, eba3734d, 020c1e69, 405108947f996575e7bdbc26d40216a2c7fa91bd",
        "7.1.4, 6e06152000730640fd000000000000000000000000000002fd00000000000000000000000000000100b3f85aa6744ecc"
                + "193ccd30c018010052f400000101080a71daabd313e4aba31d10543dc1069b7dfd3d693a6df3f289ffffffffffffffff"
                + "ffffffffffffffff00430104fde800b40101017a260206010400010001020280000202020002024200020641040000fd"
                + "e802084006006400010100, a6744ecb, 193cccec, cf1b1e225e06a63616764a067b46f4b1",
    })
    @Origin("RFC 9235 4.1.1")
    @Origin("RFC 9235 4.2.4")
    @Origin("RFC 9235 5.1.1")
    @Origin("RFC 9235 6.2.4")
    @Origin("RFC 9235 7.1.4")
    void shouldDeriveAndSignAsTheRfcDoes(
            final String section, final String packet, final String from, final String to, final String trafficKey) {
        final MemorySegment memory = Frames.ofHex(packet);
        final boolean four = packet.startsWith("4");
        final int at = four ? 20 : 40;
        final int length = (int) memory.byteSize() - at;
        final IpRepr ip = new IpRepr();
        ip.family = four ? IpFamily.V4 : IpFamily.V6;
        ip.srcHi = four ? 0 : Ipv6View.srcHi(memory, 0);
        ip.srcLo = four ? Ipv4View.src(memory, 0) : Ipv6View.srcLo(memory, 0);
        ip.dstHi = four ? 0 : Ipv6View.dstHi(memory, 0);
        ip.dstLo = four ? Ipv4View.dst(memory, 0) : Ipv6View.dstLo(memory, 0);
        final TcpRepr header = new TcpRepr();
        assertTrue(header.parse(memory, at, length));
        assertEquals(TcpView.OPTION_AO, header.signature);
        assertEquals(61 + 84, header.keyId + header.nextKeyId);

        final AoKey covering = new AoKey(
                ANYBODY,
                section.matches("[46].*") ? AoAlgorithm.HMAC_SHA_1_96 : AoAlgorithm.AES_128_CMAC_96,
                SECRET,
                61,
                84);
        final AoKey key = section.charAt(2) == '1' ? covering : covering.withoutOptions();
        final TrafficKey derived = digest.derive(
                key, ip, header.srcPort, header.dstPort, HexFormat.fromHexDigits(from), HexFormat.fromHexDigits(to));
        assertEquals(trafficKey, HexFormat.of().formatHex(derived.bytes()));
        assertTrue(digest.verifyAo(derived, 0, ip, memory, at, length, header.codeOffset));
        assertFalse(digest.verifyAo(derived, 1, ip, memory, at, length, header.codeOffset));

        final String before = Frames.hex(memory, at, length);
        memory.asSlice(header.codeOffset, AoAlgorithm.CODE_LENGTH).fill((byte) 0);
        assertFalse(digest.verifyAo(derived, 0, ip, memory, at, length, header.codeOffset));
        digest.signAo(derived, 0, ip, memory, at, length, header.codeOffset);
        assertEquals(before, Frames.hex(memory, at, length));
    }

    @ParameterizedTest
    @CsvSource({
        "0, bb1d6929e95937287fa37d129b756746",
        "16, 070a16b46b4d4144f79bdd9dd04a287c",
        "40, dfa66747de9ae63030ca32611497c827",
        "64, 51f0bebf7e3b9d92fc49741779363cfe"
    })
    @Origin("RFC 4493 4")
    void shouldMakeTheCodesOfTheRfcWithAes(final int length, final String code) {
        final byte[] message = HexFormat.of()
                .parseHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                        + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        final Cmac cmac = new Cmac(HexFormat.of().parseHex("2b7e151628aed2a6abf7158809cf4f3c"));
        final byte[] result = new byte[Hmac.LENGTH];
        for (int i = 0; i < 2; i++) { // and it begins anew
            cmac.mac(Arrays.copyOf(message, 80), length, new byte[80], result);
            assertEquals(code, HexFormat.of().formatHex(result, 0, Cmac.LENGTH));
        }
    }

    @Test
    @Origin("RFC 2202 3")
    void shouldMakeTheJdksCodesWithSha1() throws GeneralSecurityException {
        final SplittableRandom random = new SplittableRandom(5);
        final Hmac hmac = new Hmac();
        final byte[] result = new byte[Hmac.LENGTH];
        for (int keyLength = 1; keyLength <= 80; keyLength++) {
            final byte[] key = new byte[keyLength];
            final byte[] message = new byte[random.nextInt(200)];
            random.nextBytes(key);
            random.nextBytes(message);
            final Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(key, "HmacSHA1"));
            hmac.mac(key, message, message.length, result);
            assertArrayEquals(mac.doFinal(message), result);
        }
    }

    @Test
    @Origin("RFC 5925 6.2")
    void shouldExtendSequenceNumbersBothWaysOverTheirEnd() {
        final AoSession session = new AoSession(0xFFFF_FFF0);
        assertEquals(0, session.sentExtension(0xFFFF_FFF0));
        assertEquals(1, session.sentExtension(5));
        assertEquals(0, session.sentExtension(0xFFFF_FFF8), "again");
        assertEquals(1, session.sentExtension(0x7000_0000));
        assertEquals(1, session.sentExtension(0xE000_0000));
        assertEquals(2, session.sentExtension(0x1000_0000));
        session.onSyn(0xFFFF_FFFF);
        assertEquals(1, session.receivedExtension(0));
        session.onReceived(0);
        assertEquals(0, session.receivedExtension(0xFFFF_FFFF));
        assertEquals(1, session.receivedExtension(0x7FFF_FFFF));
        assertEquals(1, AoSession.extension(0xFFFF_FFFF, 3));
    }

    @Test
    void shouldRefuseWhatWouldBeAmbiguous() {
        final TcpKeys keys = TcpKeys.create();
        final AoKey key = new AoKey(Cidr.parse("192.0.2.0/24"), AoAlgorithm.HMAC_SHA_1_96, SECRET, 1, 2);
        keys.set(key);
        final AoKey same = new AoKey(Cidr.parse("192.0.2.9/32"), AoAlgorithm.AES_128_CMAC_96, SECRET, 1, 3);
        assertEquals(
                "there is a TCP-AO key 1/2 for 192.0.2.0/24; give 192.0.2.9/32 other IDs than 1/3",
                assertThrows(IllegalArgumentException.class, () -> keys.set(same))
                        .getMessage());
        keys.set(new AoKey(Cidr.parse("192.0.3.9/32"), AoAlgorithm.AES_128_CMAC_96, SECRET, 1, 3));
        final Md5Key md5 = new Md5Key(Cidr.parse("192.0.2.9/32"), SECRET);
        assertThrows(IllegalArgumentException.class, () -> keys.set(md5));
        assertTrue(keys.remove(key));
        assertFalse(keys.remove(key));
        keys.set(md5).set(new Md5Key(Cidr.parse("::/0"), SECRET));
        assertThrows(IllegalArgumentException.class, () -> keys.set(key));
        assertThrows(
                IllegalArgumentException.class, () -> new AoKey(ANYBODY, AoAlgorithm.HMAC_SHA_1_96, SECRET, 256, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new AoKey(ANYBODY, AoAlgorithm.HMAC_SHA_1_96, new byte[81], 0, 0));
        assertFalse(keys.toString().contains("testvector"));
    }
}
