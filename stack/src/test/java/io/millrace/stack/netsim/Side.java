package io.millrace.stack.netsim;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.config.TcpConfig;

/** A host at one end of a flow. */
final class Side implements PortQueue {
    final Stack stack;
    private final Lane transmit;
    private final Lane receive;

    Side(final int host, final Lane transmit, final Lane receive, final PoolCache cache, final TcpConfig tcp) {
        this.transmit = transmit;
        this.receive = receive;
        this.stack = Stack.create(
                StackConfig.defaults()
                        .withTcp(tcp)
                        .withEntropy(Entropy.seeded(host))
                        .withFailures(failure -> {
                            throw new AssertionError("exception within a poll", failure);
                        }),
                cache);
        final PortInfo port = new PortInfo("host" + host, "netsim", Medium.ETHERNET, 0x0200_0000_0000L + host, 1500, 1);
        stack.addInterface(
                InterfaceConfig.of("10.0.0." + host + "/24").withDuplicateDetection(DuplicateDetection.OFF),
                port,
                this);
    }

    long nextEvent(final long now) {
        return Math.min(receive.nextArrival(), stack.pollAt(now));
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        return receive.receive(handles, max, nowMicros);
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        for (int i = from; i < from + count; i++) {
            transmit.send(handles[i], nowMicros);
        }
        return count;
    }
}
