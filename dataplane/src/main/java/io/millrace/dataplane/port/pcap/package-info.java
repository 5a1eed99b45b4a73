/**
 * Packet captures that Wireshark and tcpdump read, in the formats pcap 2.4 and pcapng. A port can be wrapped so that all
 * it receives and sends is written to a file, or to files that follow one another, and a file can be replayed as a port.
 * A capture has a thread of its own that writes; packets are handed over in pieces of memory by Agrona's queues of many
 * producers and consumers, for several shards may share a capture.
 *
 * <p>Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng; link types: Ethernet (1) and raw IP (101).
 */
@NullMarked
package io.millrace.dataplane.port.pcap;

import org.jspecify.annotations.NullMarked;
