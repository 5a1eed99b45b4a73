package io.millrace.bench.cli;

import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one port, checked.
 *
 * @param own each a unicast address with its prefix, at least one
 * @param gateway4 where IPv4 packets for elsewhere go, null for nowhere
 * @param gateway6 where IPv6 packets for elsewhere go, null for nowhere
 */
public record PortAddresses(
        List<Cidr<? extends IpAddress>> own,
        @Nullable Ipv4Address gateway4,
        @Nullable Ipv6Address gateway6) {}
