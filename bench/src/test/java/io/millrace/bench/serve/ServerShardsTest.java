package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.bench.control.ControlException;
import io.millrace.dataplane.run.SharedPort;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ServerShardsTest {
    private final List<String> calls = new ArrayList<>();

    /** A port that notes what it is told, and lets nobody have its queues back if it is stuck. */
    private SharedPort port(String name, boolean stuck) {
        return (SharedPort) Proxy.newProxyInstance(
                SharedPort.class.getClassLoader(), new Class<?>[] {SharedPort.class}, (proxy, method, arguments) -> {
                    calls.add(name + " " + method.getName() + " " + arguments[0]);
                    if (stuck && method.getName().equals("reopen")) {
                        throw new IllegalStateException("shard 0 does not let go");
                    }
                    return null;
                });
    }

    @Test
    void shouldGiveBackTheQueuesOfEveryPortWhenOneCannotBeHad() {
        final List<SharedPort> ports = List.of(port("a", false), port("b", true), port("c", false));
        assertEquals(
                "shard 0 does not let go",
                assertThrows(ControlException.class, () -> ServerShards.reopen(ports, 2))
                        .getMessage());
        assertEquals(List.of("a reopen 2", "b reopen 2", "a vacate 2", "b vacate 2", "c vacate 2"), calls);
    }
}
