package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.Net;
import java.util.ArrayList;
import java.util.List;

/** Notes the number that each packet holds, and frees it. */
final class Sink extends Node {
    final List<Integer> packets = new ArrayList<>();
    final List<Integer> ports = new ArrayList<>();

    Sink(final String name) {
        super(name);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        for (int i = 0; i < burst.count(); i++) {
            packets.add(Net.u8(burst.memory(), burst.offset(i)));
            ports.add(burst.port(i));
            cache().free(burst.handle(i));
            burst.keep(i);
        }
    }
}
