package io.millrace.bench.options;

import io.millrace.config.ApplianceSettings;
import io.millrace.config.ForwardingMode;
import io.millrace.config.ServeSettings;
import io.millrace.config.problem.Place;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code forward}. */
public final class ForwardingOptions extends RunOptions {
    @Option(
            names = "--mode",
            paramLabel = "MODE",
            order = -30,
            description = "What to do with packets: ${COMPLETION-CANDIDATES}.",
            completionCandidates = ModeNames.class)
    private @Nullable String mode;

    @Option(names = "--burst", paramLabel = "N", description = "Most packets that a port hands over at once; 32.")
    private @Nullable String burst;

    @Option(names = "--table-size", paramLabel = "N", description = "l2switch: most stations that it learns; 8192.")
    private @Nullable String tableSize;

    @Option(names = "--ageing", paramLabel = "SECONDS", description = "l2switch: when to forget a silent station; 300.")
    private @Nullable String ageing;

    @Option(
            names = "--station",
            paramLabel = "MAC[@VLAN]=PORT[,...]",
            description = "l2switch: stations whose port is set by hand; ports are numbered from 0.")
    private @Nullable String stations;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "recorder: the file to write to, as pcapng; without it, none is written until millrace appliance"
                            + " set names one.")
    private @Nullable String record;

    @Option(names = "--snap-length", paramLabel = "BYTES", description = "recorder: how much of each packet; 262144.")
    private @Nullable String snapLength;

    @Option(names = "--file-size", paramLabel = "MIB", description = "recorder: when to begin the next file; never.")
    private @Nullable String fileSize;

    @Option(
            names = "--file-age",
            paramLabel = "SECONDS",
            description = "recorder: when to begin the next file, if there are packets for it; never.")
    private @Nullable String fileAge;

    @Option(names = "--files", paramLabel = "N", description = "recorder: how many files to keep; all.")
    private @Nullable String files;

    @Option(
            names = "--record-filter",
            paramLabel = "EXPR",
            description = "recorder: write only packets that this lets through, in tcpdump's language.")
    private @Nullable String recordFilter;

    /** Filled in by picocli. */
    public ForwardingOptions() {}

    @Option(
            names = "--host",
            order = -8,
            paramLabel = "NAME",
            parameterConsumer = PortFlags.InOrder.class,
            description = {
                "l3router, responder: Linux's way to the --port before it: a TAP interface with the port's MAC and IP"
                        + " addresses.",
                "What is addressed to the router goes to Linux there (ping, SSH, BGP, OSPF), or what the responder"
                        + " does not answer, and what Linux sends goes out of the port. Routes that Linux gets and loses,"
                        + " and addresses, are the router's, too, and the other way. Of a port with --vlan Linux sees the"
                        + " frames of that VLAN, without tags; of one without, those with tags are all Linux's."
            })
    void host(@Nullable String text) {
        add("--host", text);
    }

    @Override
    void addTo(ServeSettings flags) {
        super.addTo(flags);
        final ApplianceSettings appliance = flags.appliance();
        appliance.need(Place.flag("--mode"));
        set("--mode", mode, appliance::mode);
        set("--burst", burst, appliance::burst);
        set("--table-size", tableSize, appliance::tableSize);
        set("--ageing", ageing, appliance::ageing);
        setList("--station", stations, appliance::stations);
        set("--record", record, appliance::record);
        set("--snap-length", snapLength, appliance::snapLength);
        set("--file-size", fileSize, appliance::fileSize);
        set("--file-age", fileAge, appliance::fileAge);
        set("--files", files, appliance::files);
        set("--record-filter", recordFilter, appliance::recordFilter);
    }

    /** The names of the modes, for completion. */
    static final class ModeNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ForwardingMode.names().iterator();
        }
    }
}
