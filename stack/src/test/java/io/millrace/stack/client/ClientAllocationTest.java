package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the shard's thread allocates for application threads. */
@Timeout(300)
class ClientAllocationTest {
    /** About 65 are enough where the JIT compiler has a CPU to itself. */
    private static final int TURNS = 1_000;

    private static final int ROUNDS = 1_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldNotAllocateInTheShardWhenBytesGoThrough() throws Exception {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final ClientRig rig = new ClientRig(pools);
        try (TcpServerChannel<Ipv4Address> server = rig.client.listen(ClientRig.at(7), 1);
                TcpChannel<Ipv4Address> near = rig.client.connect(ClientRig.at(7));
                TcpChannel<Ipv4Address> far = server.accept()) {
            near.options(options -> options.noDelay(true)); // nobody answers, so acknowledgments come late
            final ByteBuffer buffer = ByteBuffer.allocate(64);
            // Until the JIT compiler has seen enough, its temporary objects are real ones.
            long allocated = Long.MAX_VALUE;
            for (int turn = 0; turn < TURNS && allocated > 0; turn++) {
                final long before = threads.getThreadAllocatedBytes(rig.shardThread.get());
                for (int i = 0; i < ROUNDS; i++) {
                    exchange(near, far, buffer);
                }
                allocated = threads.getThreadAllocatedBytes(rig.shardThread.get()) - before;
            }
            assertEquals(0, allocated, "bytes that the shard allocates for " + ROUNDS + " requests and their packets");
        } finally {
            rig.close();
        }
    }

    private static void exchange(final TcpChannel<?> near, final TcpChannel<?> far, final ByteBuffer buffer)
            throws Exception {
        near.write(buffer.clear());
        assertEquals(buffer.capacity(), far.receive(buffer.clear(), TcpChannel.WAIT_ALL));
    }
}
