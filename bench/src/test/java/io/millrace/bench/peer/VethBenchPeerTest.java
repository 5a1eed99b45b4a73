package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code millrace bench veth}, as short as can be. */
@Tag("peers")
@Timeout(600)
final class VethBenchPeerTest {
    private static final String RATES = "millrace +[0-9.]+ Gbit/s +Linux +[0-9.]+ Gbit/s +ratio .*\n";

    @ParameterizedTest
    @CsvSource({"4, false, true, ''", "6, true, false, packet"})
    void shouldMeasureBothDirectionsAndLatencyBesideLinux(
            int family, boolean steering, boolean oneByOne, String device, @TempDir Path folder) throws Exception {
        try (Namespace outer = Namespaces.create()) {
            final CommandRun run = CommandRun.of(
                    outer,
                    folder,
                    List.of(),
                    Map.of(),
                    "bench",
                    "veth",
                    "--family=" + family,
                    "--steer=" + steering,
                    "--one-by-one=" + oneByOne,
                    "--device=" + device,
                    "--rounds=1",
                    "--seconds=0.1");
            assertEquals(0, run.code(), () -> String.join("\n", run.err()));
            assertTrue(
                    run.out()
                            .matches(
                                    "IPv" + family + ", MTU 1500\nbulk to Linux +" + RATES + "bulk from Linux +" + RATES
                                            + ".* missed by the device\n"
                                            + "64 bytes and back, us .*\n"
                                            + " +millrace +[0-9.]+ .*\n"
                                            + " +Linux +[0-9.]+ .*\n"),
                    run.out());
        }
    }
}
