package io.millrace.bench.nc;

import io.millrace.bench.plan.TcpTuning;
import io.millrace.config.problem.Located;
import io.millrace.config.tcp.TcpSetting;
import io.millrace.config.tcp.TcpValue;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import java.util.Map;

/**
 * How TCP behaves for whoever waits at a terminal, unless customs are set: connecting ends as soon as it is known that
 * nobody has the address or no way leads there, rather than going on in case that changes (RFC 9293 section 3.9.2.2).
 */
final class NcTcp {
    private NcTcp() {}

    /** What holds with these settings of the user's, which fit together. */
    static TcpConfig config(final Map<TcpSetting, Located<TcpValue>> set) {
        final TcpConfigBuilder tcp = TcpTuning.apply(set);
        if (!set.containsKey(TcpSetting.CUSTOMS)) {
            tcp.customs(TcpCustoms.of(TcpCustom.SOFT_ERRORS_END_ATTEMPTS));
        }
        return tcp.build();
    }
}
