package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.peer.Transfer.Result;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.middleware.CongestionMarker;
import io.millrace.dataplane.port.middleware.FaultCounter;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.Faults;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Explicit congestion notification (RFC 3168) between Linux and us, with marks instead of losses. */
@Tag("peers")
@Timeout(600)
final class CongestionMarkPeerTest {
    private static final int BYTES = 400_000;
    private static final long SEED = 0xCE;
    private static final int OPTIONS = Transfers.TIMESTAMPS | Transfers.SACK | Transfers.WINDOW_SCALING | Transfers.ECN;

    /**
     * Both ends ask for it when they open a connection, and grant it when the other does. Linux knows the classic kind
     * only, and we take that from it if we asked for the accurate one.
     */
    @ParameterizedTest
    @EnumSource(names = {"REQUEST", "REQUEST_ACCURATE"})
    void shouldNegotiateEchoAndObeyMarksWhenLinuxDoes(EcnMode mode, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            OurHost.set("tcp_ecn=1");
            OurHost.set("tcp_ecn_fallback=0"); // a SYN that is answered late goes with ECN again
            final FaultInjector marks = new FaultInjector(SEED, new CongestionMarker(Medium.ETHERNET));
            final Faults some = Faults.builder().mutation(0.05).delay(500, 0).build();
            marks.onReceive(some);
            marks.onSend(some);
            final StackConfig config =
                    StackConfig.defaults().withTcp(TcpConfig.builder().ecn(mode).build());
            try (OurHost ours = OurHost.start(config, marks, folder.resolve("all.pcap"));
                    Transfers transfers = new Transfers(folder, BYTES)) {
                final List<Result> results = transfers.run(ours, OPTIONS);
                final PacketCapture capture = ours.finish();
                capture.assertSound(OurHost.MAC);
                assertTrue(marks.count(FaultCounter.MUTATED) > 0);
                assertTrue(results.stream().allMatch(result -> result.info().ecn && !result.info().accurateEcn));
                assertTrue(results.stream().anyMatch(result -> result.info().congestionMarks > 0));
                assertTrue(results.stream().anyMatch(result -> result.info().congestionEchoes > 0));
                verify(capture);
            }
            return 0;
        });
    }

    private static void verify(PacketCapture capture) throws Exception {
        final String ours = "eth.src == " + OurHost.MAC + " && tcp.flags.syn == 0 && ";
        final String theirs = "eth.dst == " + OurHost.MAC + " && tcp.flags.syn == 0 && ";
        // "ip" fields are also those of IPv6 where tshark says so; traffic class and DS field share their ECN filters.
        final String marked = "(ip.dsfield.ecn == 3 || ipv6.tclass.ecn == 3)";
        assertTrue(capture.count(theirs + marked) > 0, "marked segments of Linux's reach us");
        assertTrue(capture.count(ours + "tcp.flags.ece == 1") > 0, "we echo marks");
        assertTrue(capture.count(theirs + "tcp.flags.cwr == 1") > 0, "Linux slows down for our echoes");
        assertTrue(capture.count(theirs + "tcp.flags.ece == 1") > 0, "Linux echoes marks");
        assertTrue(capture.count(ours + "tcp.flags.cwr == 1") > 0, "we slow down for its echoes");
        // RFC 3168 sections 6.1.4 and 6.1.5.
        final String capable = "!(ip.dsfield.ecn == 0 || ipv6.tclass.ecn == 0)";
        assertTrue(capture.count(ours + "tcp.len > 0 && " + capable) > 0, "our data is ECN-capable");
        assertEquals(
                0, capture.count(ours + "tcp.len == 0 && " + capable), "acknowledgments that claim to be ECN-capable");
        assertEquals(
                0,
                capture.count(ours + "tcp.analysis.retransmission && " + capable),
                "retransmissions that claim to be ECN-capable");
    }
}
