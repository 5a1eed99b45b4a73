/** Tests of DPDK's ports and pools on virtual devices. They are skipped where DPDK is not installed. */
@NullMarked
package io.millrace.dataplane.port.dpdk;

import org.jspecify.annotations.NullMarked;
