/**
 * Packet captures in the format of libpcap 2.4, which Wireshark and tcpdump read. A port can be wrapped so that all it
 * receives and sends is written to a file, and a file can be replayed as a port.
 *
 * <p>Format: draft-ietf-opsawg-pcap; link types: Ethernet (1) and raw IP (101).
 */
@NullMarked
package io.millrace.dataplane.port.pcap;

import org.jspecify.annotations.NullMarked;
