package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Control messages of what is sent and received, as requests have them. */
@Timeout(300)
final class AgentMessageTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private static void open(AgentRig agent) {
        assertEquals("3 0", agent.ask("socket 2 2 0"));
        assertEquals("0 0", agent.ask("bind 3 10.0.0.1 5000"));
        assertEquals("4 0", agent.ask("socket 2 2 0"));
        assertEquals("0 0", agent.ask("bind 4 10.0.0.1 5001"));
    }

    @Test
    void shouldTellWhatOptionsAskForBesideTheBytes() {
        try (AgentRig agent = new AgentRig(pools)) {
            open(agent);
            assertEquals("10 0", agent.ask("sendmsg 4 10 0 10.0.0.1 5000"));
            assertEquals("4 0 10.0.0.1 5001 32", agent.ask("recvmsg 3 4 0"));
            assertEquals("0 0", agent.ask("setsockopt 3 0 8 01000000"));
            assertEquals("0 0", agent.ask("setsockopt 3 1 35 01000000"));
            assertEquals("10 0", agent.ask("sendmsg 4 10 0 10.0.0.1 5000"));
            final String answer = agent.ask("recvmsg 3 10 0");
            assertTrue(
                    answer.matches("10 0 10\\.0\\.0\\.1 5001 0 1:35:[0-9a-f]{32} 0:8:010000000a0000010a000001"),
                    answer);
        }
    }

    @Test
    void shouldCutWhatOneCallSendsIntoDatagramsOfTheSizeThatItSays() {
        try (AgentRig agent = new AgentRig(pools)) {
            open(agent);
            assertEquals("2500 0", agent.ask("sendmsg 4 2500 0 10.0.0.1 5000 17:103:e803"));
            assertEquals("1000 0", agent.ask("recv 3 9000 0"));
            assertEquals("1000 0", agent.ask("recv 3 9000 0"));
            assertEquals("500 0", agent.ask("recv 3 9000 0"));
        }
    }

    @Test
    void shouldRefuseWhatIsNoControlMessage() {
        try (AgentRig agent = new AgentRig(pools)) {
            open(agent);
            for (final String wrong :
                    new String[] {"17:103", "17:103:e80", "x:103:e803", "17:103:e8030000", "17:9:e803"}) {
                assertEquals("-1 22", agent.ask("sendmsg 4 2500 0 10.0.0.1 5000 " + wrong), wrong);
            }
        }
    }
}
