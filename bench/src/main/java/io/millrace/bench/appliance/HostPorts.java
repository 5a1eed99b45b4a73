package io.millrace.bench.appliance;

import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.config.problem.Located;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.linux.NetDevice;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.tap.TapPort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Linux's ends of a router's ports: for each port that shares its addresses with the host a TAP interface with the port's
 * MAC address and MTU. Opened as a whole or not at all.
 */
final class HostPorts implements AutoCloseable {
    private final List<@Nullable Host> hosts = new ArrayList<>();

    /**
     * One of them.
     *
     * @param port the TAP interface
     * @param queue what goes to Linux and comes from there; of the nodes' thread
     * @param index the number that Linux knows it by
     */
    record Host(Port port, PortQueue queue, int index) {}

    private HostPorts() {}

    /**
     * Opens what the plan wants.
     *
     * @param cache of the thread that runs the nodes
     * @throws io.millrace.dataplane.port.PortException if an interface cannot be made
     */
    static HostPorts open(ServePlan plan, ServerPorts ports, PoolCache cache) {
        final HostPorts opened = new HostPorts();
        try {
            for (int i = 0; i < ports.ports().size(); i++) {
                final Located<String> name = plan.config().ports().get(i).host();
                opened.hosts.add(name == null ? null : open(name.value(), plan, ports, i, cache));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Takes what is open already.
     *
     * @param ports one for each port that has one, numbered from 1; null for the others
     */
    static HostPorts of(List<@Nullable Port> ports, PoolCache cache) {
        final HostPorts given = new HostPorts();
        for (final Port port : ports) {
            given.hosts.add(port == null ? null : new Host(port, port.queue(0, cache), given.hosts.size() + 1));
        }
        return given;
    }

    private static Host open(String name, ServePlan plan, ServerPorts ports, int number, PoolCache cache) {
        final PortInfo info = ports.ports().get(number).info();
        final Located<Integer> mtu = plan.config().ports().get(number).mtu();
        final TapPort port = TapPort.open(name, Medium.ETHERNET, cache.pool(), 1);
        try {
            final NetDevice device = new NetDevice(name);
            device.down(); // or the link-local address of the MAC address that it was made with would stay
            device.macAddress(ports.macAddress(plan, number).value());
            device.mtu(mtu == null ? info.mtu() : mtu.value());
            device.up();
            return new Host(port, port.queue(0, cache), device.index());
        } catch (RuntimeException e) {
            port.close();
            throw e;
        }
    }

    /** Whether any port has one. */
    boolean isEmpty() {
        return hosts.stream().allMatch(host -> host == null);
    }

    /** That of a port, by the port's number; null if the port has none. */
    @Nullable
    Host of(int port) {
        return hosts.get(port);
    }

    /** The port that an interface of Linux belongs to; -1 if to none. */
    int portOf(int device) {
        for (int i = 0; i < hosts.size(); i++) {
            final Host host = hosts.get(i);
            if (host != null && host.index == device) {
                return i;
            }
        }
        return -1;
    }

    /** How many ports there are, with and without. */
    int size() {
        return hosts.size();
    }

    /** Closes the interfaces; those that were made here disappear. No queue may be polled any more. */
    @Override
    public void close() {
        for (final Host host : hosts) {
            if (host != null) {
                host.port.close();
            }
        }
    }
}
