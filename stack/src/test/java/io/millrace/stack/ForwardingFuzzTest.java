package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A router fed with frames that are nearly right, for others and for itself: no failure, no lost buffer. */
class ForwardingFuzzTest {
    private static final String A4 = "10.0.1.2";
    private static final String B4 = "10.0.2.2";
    private static final String A6 = "2001:db8:1::2";
    private static final String B6 = "2001:db8:2::2";
    private static final int FRAMES = 4_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(ints = {1500, 1280})
    void shouldSurviveWhateverItIsToForward(final int mtu) {
        final byte[] udp4 = Bytes.udp(A4, 4000, B4, 7, new byte[200]);
        final byte[] udp6 = Bytes.udp(A6, 4000, B6, 7, new byte[200]);
        final byte[] alert = Bytes.hex("94040000");
        final byte[] record = Bytes.hex("070b04 00000000 00000000 00");
        final byte[] hopByHop = Bytes.join(Bytes.hex("1100 0502 0000 0100"), udp6);
        final List<byte[]> good = List.of(
                RouterRig.frame(0, Bytes.ipv4(A4, B4, 17, udp4)),
                RouterRig.frame(0, Bytes.ipv4(A4, B4, 17, alert, udp4)),
                RouterRig.frame(0, Bytes.ipv4(A4, B4, 17, record, udp4)),
                RouterRig.frame(0, Bytes.ipv4(A4, "10.0.1.1", 1, Bytes.icmpv4(8, 0, 1, new byte[8]))),
                RouterRig.frame(0, Bytes.ipv4(A4, B4, 1, Bytes.icmpv4(3, 4, 1300, Bytes.ipv4(B4, A4, 17, udp4)))),
                RouterRig.frame(0, FragmentPackets.fragmentFrom(A4, B4, 1, 17, 8, true, new byte[64])),
                RouterRig.frame(0, Bytes.ipv6(A6, B6, 17, udp6)),
                RouterRig.frame(0, Bytes.ipv6(A6, B6, 0, hopByHop)),
                RouterRig.frame(0, FragmentPackets.fragmentFrom(A6, B6, 1, 17, 8, true, new byte[64])));
        final FrameFuzzer fuzzer = new FrameFuzzer(good, 14, mtu);
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.ROUTER, mtu, 1024)) {
            for (int i = 0; i < FRAMES; i++) {
                final long handle = rig.cache.allocate();
                fuzzer.fill(rig.pool, handle);
                final byte[] frame = Frames.bytes(rig.pool, handle);
                rig.cache.free(handle);
                if (frame.length > 0) {
                    rig.receiveFrame(i & 1, frame);
                }
                rig.sent(0);
                rig.sent(1);
                rig.clock.advance(1_000);
            }
            assertTrue(rig.stack.counters().get(StackCounter.FORWARDED) > FRAMES / 50);
        }
    }
}
