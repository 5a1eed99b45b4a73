/**
 * What {@code --port} accepts. {@link io.millrace.config.device.PortSpec} is the parsed form of a device: a DPDK virtual
 * device, a PCI address, or without DPDK a TAP or TUN interface, a packet socket or a capture to replay; {@link
 * io.millrace.config.device.VdevDriver} lists the virtual drivers of DPDK 22.11 with the parameters each understands.
 */
@NullMarked
package io.millrace.config.device;

import org.jspecify.annotations.NullMarked;
