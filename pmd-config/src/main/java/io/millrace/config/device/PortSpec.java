package io.millrace.config.device;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device to open, as {@code --port} names it: {@code net_af_packet0,iface=mr0} or another virtual device of DPDK,
 * {@code 0000:01:00.0} for a PCI device, {@code tap:NAME} or {@code tun:NAME} for an interface of the kernel's without
 * DPDK, {@code packet:NAME} for a packet socket on an interface that is there, {@code pcap:FILE} for a capture that is
 * replayed.
 */
public sealed interface PortSpec {
    /** Canonical text; parsing it gives an equal spec. */
    String text();

    /** Whether DPDK has to be started for it. */
    default boolean needsDpdk() {
        return switch (this) {
            case Vdev _, Pci _ -> true;
            case Tap _, Tun _, Packet _, Replay _ -> false;
        };
    }

    /** Whether packets begin with an Ethernet header; if not, with the IP header. */
    default boolean isEthernet() {
        return true;
    }

    /**
     * A virtual device of DPDK.
     *
     * @param driver which driver makes it
     * @param name of the device, begins with the driver's prefix
     * @param parameters in the order given
     */
    record Vdev(VdevDriver driver, String name, Map<String, String> parameters) implements PortSpec {
        @Override
        public String text() {
            return DevargsText.join(name, parameters);
        }

        @Override
        public boolean isEthernet() {
            return driver != VdevDriver.TUN;
        }
    }

    /**
     * A PCI device that is bound to a driver which lets user space at it.
     *
     * @param address with its domain, lower case, for instance {@code 0000:01:00.0}
     * @param parameters in the order given
     */
    record Pci(String address, Map<String, String> parameters) implements PortSpec {
        @Override
        public String text() {
            return DevargsText.join(address, parameters);
        }
    }

    /**
     * A TAP interface of the kernel's, opened through {@code /dev/net/tun}.
     *
     * @param name at most 15 bytes
     */
    record Tap(String name) implements PortSpec {
        @Override
        public String text() {
            return "tap:" + name;
        }
    }

    /**
     * A TUN interface of the kernel's, opened through {@code /dev/net/tun}.
     *
     * @param name at most 15 bytes
     */
    record Tun(String name) implements PortSpec {
        @Override
        public String text() {
            return "tun:" + name;
        }

        @Override
        public boolean isEthernet() {
            return false;
        }
    }

    /**
     * A packet socket of the kernel's on an interface.
     *
     * @param name of the interface, at most 15 bytes
     */
    record Packet(String name) implements PortSpec {
        @Override
        public String text() {
            return "packet:" + name;
        }
    }

    /**
     * A capture that is replayed; what is sent to it is counted and thrown away.
     *
     * @param file of the format pcap or pcapng, as the user wrote it, taken from the working directory
     * @param speed how many times as fast as they were captured packets come; 0 for as fast as they are polled
     * @param isEthernet whether its packets begin with an Ethernet header
     */
    record Replay(String file, double speed, boolean isEthernet) implements PortSpec {
        @Override
        public String text() {
            return "pcap:" + file + (speed == 1 ? "" : ",speed=" + speed) + (isEthernet ? "" : ",medium=ip");
        }
    }

    /**
     * Parses the text of a device.
     *
     * @param text as the user wrote it
     * @param problems gets everything that is wrong with it
     * @return null if anything was
     */
    static @Nullable Located<PortSpec> parse(Located<String> text, Problems problems) {
        final PortSpec spec = new PortSpecParser(text, problems).parse();
        return spec == null ? null : text.with(spec);
    }
}
