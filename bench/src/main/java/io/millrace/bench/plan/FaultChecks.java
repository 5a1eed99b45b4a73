package io.millrace.bench.plan;

import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.dataplane.port.middleware.FaultText;
import org.jspecify.annotations.Nullable;

/** Checks the faults of ports before anything is started. */
final class FaultChecks {
    private FaultChecks() {}

    static void check(ServeConfig config, Problems problems) {
        for (final PortConfig port : config.ports()) {
            check(port.middleware().faultsIn(), problems);
            check(port.middleware().faultsOut(), problems);
        }
    }

    private static void check(@Nullable Located<String> faults, Problems problems) {
        if (faults == null) {
            return;
        }
        try {
            FaultText.parse(faults.value());
        } catch (IllegalArgumentException e) {
            final String said = String.valueOf(e.getMessage());
            final int end = said.indexOf("; ");
            problems.add(
                    faults.place(),
                    end < 0 ? said : said.substring(0, end),
                    end < 0 ? "'millrace serve --help' shows how" : said.substring(end + 2));
        }
    }
}
