/** Tests of the DPDK layer. Those that need DPDK share the one EAL of the process, see {@link DpdkExtension}. */
@NullMarked
package io.millrace.dpdk;

import org.jspecify.annotations.NullMarked;
