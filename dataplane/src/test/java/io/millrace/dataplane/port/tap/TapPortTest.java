package io.millrace.dataplane.port.tap;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortException;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be seen without root. */
final class TapPortTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(4);

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen-letters!", "a b", "a/b", "tap%d", "größe"})
    void shouldRefuseWhatIsNoInterfaceName(final String name) {
        final PortException e = assertThrows(PortException.class, () -> TapPort.open(name, Medium.ETHERNET, pool, 1));
        assertTrue(e.toString().contains("'" + name + "'"), e.toString());
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    void shouldSayInOneLineThatAnInterfaceIsOfAnotherKind(final Medium medium) {
        final PortException e = assertThrows(PortException.class, () -> TapPort.open("lo", medium, pool, 1));
        assertFalse(e.toString().contains("\n"), e.toString());
        // Where /dev/net/tun is missing or closed, that is what is said.
        assertTrue(
                e.toString().contains("interface 'lo' exists and is no")
                        || e.toString().contains("/dev/net/tun"),
                e.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 257})
    void shouldRefuseAnImpossibleNumberOfQueues(final int queues) {
        assertThrows(PortException.class, () -> TapPort.open("mr0", Medium.IP, pool, queues));
    }

    @Test
    void shouldTakeTheCLibrarysWordsForErrors() {
        assertTrue(Linux.words(Linux.EBUSY).contains("busy"), Linux.words(Linux.EBUSY));
    }
}
