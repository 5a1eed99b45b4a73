package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a captured queue counts. A packet that is missing from the capture was carried all the same. */
public enum PcapCounter implements CounterName {
    /** Written. */
    CAPTURED("pcapCaptured", "packets written to the capture", false),
    /** Missing from the file. */
    NOT_CAPTURED("pcapNotCaptured", "packets that could not be written to the capture", false),
    /** Missing from the file since its thread did not keep up. */
    BEHIND("pcapBehind", "packets left out of the capture since its file was written too slowly", false);

    private final CounterLabel label;

    PcapCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}
