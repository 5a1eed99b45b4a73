package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.tcp.TcpSettings;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AgentTcpTest {
    private static TcpConfig config(final String flag) {
        final Problems problems = new Problems();
        final TcpSettings settings = new TcpSettings(problems);
        settings.list(new Located<>(flag, Place.flag("--tcp-settings")));
        final TcpConfig config = AgentTcp.config(settings.resolve());
        assertEquals(List.of(), problems.lines());
        return config;
    }

    @Test
    void shouldDoAsLinuxWhereNothingIsSet() {
        final TcpConfig config = config("ecn=off");
        assertEquals(TcpCustoms.LINUX, config.customs());
        assertFalse(config.features().pacing());
    }

    @Test
    void shouldDoAsIsSet() {
        final TcpConfig config = config("customs=standard,pacing=yes");
        assertEquals(TcpCustoms.STANDARD, config.customs());
        assertTrue(config.features().pacing());
    }
}
