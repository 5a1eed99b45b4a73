package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.port.middleware.FaultCounter;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.Faults;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * TCP between Linux and us over a wire that loses, reorders, duplicates and corrupts packets, with and without what
 * either end could leave out: every transfer ends in order with the bytes that it began with.
 */
@Tag("peers")
@Timeout(600)
final class FaultyWirePeerTest {
    private static final int BYTES = 400_000;
    private static final int BULK = 2_000_000;
    private static final long SEED = 0x5EED;

    private static final Faults LOSS = Faults.builder().loss(0.02).build();
    private static final Faults REORDERING =
            Faults.builder().reorder(0.1, 3_000).delay(500, 0).build();
    private static final Faults DUPLICATION = Faults.builder().duplication(0.05).build();
    private static final Faults ALL = Faults.builder()
            .loss(0.01)
            .reorder(0.05, 3_000)
            .duplication(0.02)
            .corruption(0.005)
            .delay(500, 500)
            .build();
    private static final int USUAL = Transfers.TIMESTAMPS | Transfers.SACK | Transfers.WINDOW_SCALING;

    private static final TcpConfig PLAIN = TcpConfig.builder()
            .sack(false)
            .timestamps(false)
            .windowScaling(false)
            .build();

    /** What the wire does, and what Linux or we leave out. */
    @SuppressWarnings("ImmutableEnumChecker") // nothing of it is changed
    enum Wire {
        IS_GOOD(Faults.NONE, USUAL, FaultCounter.UNDELIVERED),
        LOSES(LOSS, USUAL, FaultCounter.LOST),
        REORDERS(REORDERING, USUAL, FaultCounter.REORDERED),
        DUPLICATES(DUPLICATION, USUAL, FaultCounter.DUPLICATED),
        DOES_EVERYTHING(ALL, USUAL, FaultCounter.CORRUPTED),
        WITHOUT_SACK(ALL, USUAL & ~Transfers.SACK, FaultCounter.LOST, "tcp_sack=0"),
        WITHOUT_TIMESTAMPS(ALL, USUAL & ~Transfers.TIMESTAMPS, FaultCounter.LOST, "tcp_timestamps=0"),
        WITHOUT_WINDOW_SCALING(ALL, USUAL & ~Transfers.WINDOW_SCALING, FaultCounter.LOST, "tcp_window_scaling=0"),
        WITHOUT_ANY_OPTION(ALL, 0, FaultCounter.LOST, "tcp_sack=0", "tcp_timestamps=0", "tcp_window_scaling=0"),
        WITHOUT_ANY_OPTION_OF_OURS(PLAIN, ALL, 0, FaultCounter.LOST);

        private final TcpConfig ours;
        private final Faults faults;
        private final int options;
        private final FaultCounter evidence;
        private final List<String> settings;

        Wire(Faults faults, int options, FaultCounter evidence, String... settings) {
            this(TcpConfig.defaults(), faults, options, evidence, settings);
        }

        Wire(TcpConfig ours, Faults faults, int options, FaultCounter evidence, String... settings) {
            this.ours = ours;
            this.faults = faults;
            this.options = options;
            this.evidence = evidence;
            this.settings = List.of(settings);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTransferEveryByteWhateverTheWireDoes(Wire wire, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            for (final String setting : wire.settings) {
                OurHost.set(setting);
            }
            final FaultInjector faults = new FaultInjector(SEED);
            faults.onReceive(wire.faults);
            faults.onSend(wire.faults);
            final StackConfig config = StackConfig.defaults().withTcp(wire.ours);
            try (OurHost ours = OurHost.start(config, faults, folder.resolve("all.pcap"));
                    Transfers transfers = new Transfers(folder, wire == Wire.IS_GOOD ? BULK : BYTES)) {
                transfers.run(ours, wire.options);
                final PacketCapture capture = ours.finish();
                capture.assertSound(OurHost.MAC);
                assertEquals(Set.of(), Remarks.unexplained(capture));
                assertEquals(wire != Wire.IS_GOOD, faults.count(wire.evidence) > 0);
                assertEquals(0, faults.count(FaultCounter.QUEUE_FULL));
            }
            return 0;
        });
    }
}
