package io.millrace.bench.veth;

import java.io.IOException;
import org.HdrHistogram.Histogram;

/** A client of the server at the far end of a wire. Every call makes a connection of its own. */
interface End {
    /** Sends for so long and waits until the server has taken all; payload in Gbit/s. */
    double push(long nanos) throws IOException;

    /** Receives for so long; payload in Gbit/s. */
    double pull(long nanos) throws IOException;

    /** Exchanges 64 bytes there and back, one after the other, for so long; notes the nanoseconds of each. */
    void ask(long nanos, Histogram latency) throws IOException;
}
