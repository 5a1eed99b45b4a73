/**
 * Ports and pools of DPDK. Packets stay where the driver wrote them: a pool's handles are offsets of DPDK's own mbufs,
 * and a burst is one call into the driver with the addresses of its packets.
 *
 * <p>Nothing a driver delivers is believed before it was checked: packets that are not wholly in one buffer of the port's
 * pool are freed and counted, see {@link io.millrace.dataplane.port.dpdk.DpdkCounter}.
 */
@NullMarked
package io.millrace.dataplane.port.dpdk;

import org.jspecify.annotations.NullMarked;
