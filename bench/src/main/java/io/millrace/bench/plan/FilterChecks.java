package io.millrace.bench.plan;

import io.millrace.config.ApplianceConfig;
import io.millrace.config.CaptureConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.dataplane.filter.FilterException;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import org.jspecify.annotations.Nullable;

/** Checks filter expressions before anything is started. */
final class FilterChecks {
    private FilterChecks() {}

    static void check(ServeConfig config, Problems problems) {
        // Where there are ports with and without Ethernet headers no capture is written, which is told elsewhere.
        final Medium medium = config.ports().getFirst().device().value().isEthernet() ? Medium.ETHERNET : Medium.IP;
        final CaptureConfig capture = config.capture();
        if (capture != null) {
            check(capture.filter(), medium, problems);
        }
        final ApplianceConfig appliance = config.appliance();
        if (appliance != null) {
            check(appliance.recordFilter(), medium, problems);
        }
    }

    private static void check(@Nullable Located<String> filter, Medium medium, Problems problems) {
        if (filter == null) {
            return;
        }
        try {
            PacketFilter.compile(filter.value(), medium);
        } catch (FilterException e) {
            problems.add(filter.place(), String.valueOf(e.getMessage()), "man pcap-filter describes the language");
        }
    }
}
