package io.millrace.config;

import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One port and the interface on it.
 *
 * @param device what to open
 * @param mac our address on it in the low 48 bits, null for the device's own
 * @param mtu in bytes from the IP header on, null for the device's own
 * @param vlan the VLAN that it belongs to, null for untagged frames
 * @param checksums who takes care of them
 * @param segmentation who cuts TCP segments
 * @param addresses in CIDR notation, at least one where a stack is to use the port; syntax is checked by whoever knows
 *     addresses
 * @param gateways at most one of each family; likewise
 * @param routes networks in CIDR notation, {@code =} and the router that leads there; likewise
 * @param host name of the TAP interface by which the host's own packets reach Linux, null for none
 * @param middleware what is put around the port
 */
public record PortConfig(
        Located<PortSpec> device,
        @Nullable Located<Long> mac,
        @Nullable Located<Integer> mtu,
        @Nullable Located<VlanTags> vlan,
        ChecksumSetting checksums,
        SegmentationSetting segmentation,
        List<Located<String>> addresses,
        List<Located<String>> gateways,
        List<Located<String>> routes,
        @Nullable Located<String> host,
        MiddlewareConfig middleware) {}
