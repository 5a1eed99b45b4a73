package io.millrace.bench.agent;

import io.millrace.bench.plan.TcpTuning;
import io.millrace.config.problem.Located;
import io.millrace.config.tcp.TcpSetting;
import io.millrace.config.tcp.TcpValue;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import java.util.Map;

/**
 * How TCP behaves for programs that know Linux's, as far as nothing else is set: where the standards leave a choice, the
 * wire is as on Linux, and windows are not spread over the round trip, which there takes a queue that paces or a socket
 * that asks for it.
 */
final class AgentTcp {
    private AgentTcp() {}

    /** What holds with these settings of the user's, which fit together. */
    static TcpConfig config(final Map<TcpSetting, Located<TcpValue>> set) {
        final TcpConfigBuilder tcp = TcpTuning.apply(set);
        if (!set.containsKey(TcpSetting.CUSTOMS)) {
            tcp.customs(TcpCustoms.LINUX);
        }
        if (!set.containsKey(TcpSetting.PACING)) {
            tcp.pacing(false);
        }
        return tcp.build();
    }
}
