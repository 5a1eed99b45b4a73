package io.millrace.bench.soak;

import io.millrace.bench.reference.EalArguments;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dpdk.Eal;

/** The pool of a soak, and where its ports come from. Ports are closed before it. */
abstract sealed class SoakSite implements AutoCloseable {
    /** Few on purpose: the pool runs dry again and again. */
    private static final int BUFFERS = 4_096;

    private static final int MTU = 1_500;
    private static final int PACKET_SIZE = MTU + 22;
    private static final int DEPTH = 512;

    private SoakSite() {}

    /**
     * Makes one, for DPDK's ports with an EAL that must not run yet in this process.
     *
     * @throws io.millrace.dpdk.EalException if DPDK is missing, with the words that say how to get it
     */
    static SoakSite of(final SoakPorts ports) {
        return ports == SoakPorts.LOOPBACK ? new InProcess() : new Dpdk(ports);
    }

    abstract PacketPool pool();

    /** Opens port 0 or 1. */
    abstract Port open(int number);

    @Override
    public void close() {
        pool().close();
    }

    private static final class InProcess extends SoakSite {
        private final PacketPool pool = ArenaPool.create(BUFFERS, PACKET_SIZE);

        @Override
        PacketPool pool() {
            return pool;
        }

        @Override
        Port open(final int number) {
            return LoopbackPort.open(Medium.ETHERNET, MTU, pool, 1, DEPTH);
        }
    }

    private static final class Dpdk extends SoakSite {
        private final SoakPorts ports;
        private final Eal eal = Eal.start(EalArguments.of(EalArguments.filePrefix("soak"), false));
        private final DpdkPool pool = DpdkPool.create("soak", BUFFERS, PACKET_SIZE);

        Dpdk(final SoakPorts ports) {
            this.ports = ports;
        }

        @Override
        PacketPool pool() {
            return pool;
        }

        @Override
        Port open(final int number) {
            return DpdkPort.open(DpdkPortConfig.of(ports.label() + number), pool);
        }

        @Override
        public void close() {
            super.close();
            eal.close();
        }
    }
}
