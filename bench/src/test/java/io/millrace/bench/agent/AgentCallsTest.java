package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests to an agent in this process, and their answers. */
@Timeout(300)
abstract class AgentCallsTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    AgentRig rig;

    @BeforeEach
    void start() {
        rig = new AgentRig(pools);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    final void expect(final String answer, final String request) {
        assertEquals(answer, rig.ask(request), request);
    }
}
