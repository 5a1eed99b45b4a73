package io.millrace.bench.fuzz;

import io.millrace.dataplane.port.Medium;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What can be fuzzed. */
public enum FuzzTarget {
    /** Frames into a stack over Ethernet. */
    ETHERNET("frames into a whole stack over Ethernet", EthernetStackFuzz.class),
    /** Packets into a stack over raw IP. */
    IP("packets into a whole stack over raw IP", IpStackFuzz.class),
    /** Fragments. */
    FRAGMENTS("fragments into the reassembly of both families", FragmentFuzz.class),
    /** ARP and neighbour discovery. */
    NEIGHBORS("ARP and neighbour discovery into a whole stack", NeighborFuzz.class),
    /** Raw and ICMP sockets. */
    SOCKETS("ICMP and other packets into raw sockets and ICMP sockets, and out of them", SocketFuzz.class),
    /** Packets of others. */
    FORWARDING("packets for others into a router", ForwardingFuzz.class),
    /** Headers of every protocol, alone. */
    WIRE("headers into the views and parsers of each protocol", WireFuzz.class),
    /** Text of addresses. */
    TEXT("text into the parsers of addresses, networks and endpoints", AddressTextFuzz.class),
    /** Classification of frames for shards. */
    CLASSIFIER("frames into the classifier that spreads them over shards", ClassifierFuzz.class),
    /** Nodes of pipelines. */
    NODES("frames into each node of the pipeline", NodeFuzz.class),
    /** Appliances. */
    MODES("frames into whole appliances, every mode of forward, with Linux beside them and without", ModeFuzz.class),
    /** Filter expressions, and packets through them. */
    FILTER("text into the compiler of filters, and frames through what it makes of it", FilterFuzz.class),
    /** Captures. */
    PCAP("files into the reader of captures", PcapFuzz.class);

    private final String description;
    private final Class<?> entry;

    FuzzTarget(final String description, final Class<?> entry) {
        this.description = description;
        this.entry = entry;
    }

    /** What a user calls it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What goes where, in a few words. */
    public String description() {
        return description;
    }

    /** Name of the class that has the engine's entry point. */
    String entry() {
        return entry.getName();
    }

    /** Writes inputs for the engine to start from into a folder, where there are such. */
    void writeExamples(final Path folder) throws IOException {
        switch (this) {
            case ETHERNET -> ExampleConversations.write(Medium.ETHERNET, folder);
            case IP -> ExampleConversations.write(Medium.IP, folder);
            case FRAGMENTS -> ExampleFrames.fragments(folder);
            case NEIGHBORS -> ExampleFrames.neighbors(folder);
            case SOCKETS -> ExampleFrames.sockets(folder);
            case FORWARDING -> ExampleFrames.forwarding(folder);
            case FILTER -> ExampleFilters.write(folder);
            case NODES -> NodeFuzz.writeExamples(folder);
            case MODES -> ModeFuzz.writeExamples(folder);
            case WIRE -> WireFuzz.writeExamples(folder);
            default -> {}
        }
    }
}
