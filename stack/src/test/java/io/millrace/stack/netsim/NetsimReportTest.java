package io.millrace.stack.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Writes {@code target/netsim.md}: every cell of both experiments beside the reference. Takes so long that it runs with
 * the tests against real peers; {@link NetsimTest} is its quick part.
 */
@Tag("peers")
class NetsimReportTest {
    private static final List<CongestionAlgorithm> ALGORITHMS = List.of(
            CongestionAlgorithm.RENO, CongestionAlgorithm.CUBIC, CongestionAlgorithm.BBR, CongestionAlgorithm.HYBLA);

    private final StringBuilder report = new StringBuilder();
    private final List<String> below = new ArrayList<>();

    @Test
    void shouldWriteTheTableBesideTheReference() throws IOException {
        report.append("# One flow, round trip 100 ms, bytes per second\n\n");
        for (final CongestionAlgorithm algorithm : ALGORITHMS) {
            final double[][] ours = new double[NetsimTable.BUFFERS.length][NetsimTable.LOSSES.length];
            for (int i = 0; i < ours.length; i++) {
                for (int j = 0; j < ours[i].length; j++) {
                    ours[i][j] = Netsim.single(
                                    algorithm, NetsimTable.BUFFERS[i], NetsimTable.LOSSES[j], Netsim.SINGLE_BYTES)
                            .throughput();
                }
            }
            table("Millrace, " + algorithm, ours);
            if (algorithm == CongestionAlgorithm.CUBIC || algorithm == CongestionAlgorithm.BBR) {
                compare(algorithm, ours);
            }
        }
        table("smoltcp, no congestion control", NetsimTable.NONE);
        table("smoltcp, Reno", NetsimTable.RENO);
        table("smoltcp, Cubic", NetsimTable.CUBIC);
        report.append(
                "# Several flows, 200 Mbit/s\n\n| flows | algorithm | throughput | least | most | fairness | drops |"
                        + " smoltcp's best throughput | its fairness |\n|---|---|---|---|---|---|---|---|---|\n");
        for (final CongestionAlgorithm algorithm : ALGORITHMS) {
            for (int i = 0; i < NetsimTable.FLOWS.length; i++) {
                shared(algorithm, i);
            }
        }
        final Path path = Path.of("target", "netsim.md");
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.writeString(path, report);
        assertEquals(List.of(), below, "cells below the goal");
    }

    private void shared(final CongestionAlgorithm algorithm, final int index) {
        final Netsim.Result r = Netsim.shared(algorithm, NetsimTable.FLOWS[index]);
        report.append(String.format(
                Locale.ROOT,
                "| %d | %s | %.0f | %.0f | %.0f | %.4f | %.4f | %.0f | %.4f |%n",
                NetsimTable.FLOWS[index],
                algorithm,
                r.throughput(),
                r.least(),
                r.most(),
                r.fairness(),
                r.drops(),
                NetsimTable.SHARED[index],
                NetsimTable.FAIRNESS[index]));
        final boolean compared = algorithm == CongestionAlgorithm.CUBIC || algorithm == CongestionAlgorithm.HYBLA;
        final boolean fair = !compared || r.fairness() >= NetsimTable.fairnessGoal(algorithm, index);
        if (algorithm != CongestionAlgorithm.RENO && (!fair || r.throughput() < NetsimTable.SHARED[index])) {
            below.add(algorithm + ", " + NetsimTable.FLOWS[index] + " flows: " + r);
        }
    }

    private void compare(final CongestionAlgorithm algorithm, final double[][] ours) {
        for (int i = 0; i < ours.length; i++) {
            for (int j = 0; j < ours[i].length; j++) {
                if (ours[i][j] < NetsimTable.goal(algorithm, i, j) - 0.005) {
                    below.add(algorithm + ", " + NetsimTable.BUFFERS[i] + " at " + NetsimTable.LOSSES[j] + ": "
                            + ours[i][j] + " < " + NetsimTable.goal(algorithm, i, j));
                }
            }
        }
    }

    private void table(final String title, final double[][] cells) {
        report.append("## ").append(title).append("\n\n| buffer \\ loss |");
        for (final double loss : NetsimTable.LOSSES) {
            report.append(' ').append(loss).append(" |");
        }
        report.append("\n|")
                .append("---|".repeat(NetsimTable.LOSSES.length + 1))
                .append('\n');
        for (int i = 0; i < cells.length; i++) {
            report.append(NetsimTable.row(Integer.toString(NetsimTable.BUFFERS[i]), cells[i]));
        }
        report.append('\n');
    }
}
