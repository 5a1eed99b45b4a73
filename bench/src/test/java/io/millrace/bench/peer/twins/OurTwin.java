package io.millrace.bench.peer.twins;

import io.millrace.bench.agent.SteppedAgent;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;

/** Our TCP, on a stack that is new for every case and gives back all its packets at the end of it. */
final class OurTwin extends Twin {
    /** In segments, what Linux offers of the buffer that {@link LinuxTwin} sets. */
    private static final int WINDOW = 11;

    /** What timestamps take of every segment. */
    private static final int TIMESTAMPS = 12;

    private final PacketPool pool;
    private final PoolCache cache;
    private SteppedAgent agent;

    OurTwin(PoolWatch pools) {
        pool = pools.pool(256, 1_600);
        cache = pools.cache(pool);
        agent = start(NONE);
    }

    private static int window(TwinCase which) {
        final int segment = which.ipv6() ? 1_440 : 1_460;
        return WINDOW * (which.timestamps() ? segment - TIMESTAMPS : segment);
    }

    private SteppedAgent start(TwinCase which) {
        final TcpConfig tcp = TcpConfig.builder()
                .congestionControl(CongestionAlgorithm.RENO)
                .ecn(EcnMode.ACCEPT)
                .synCookies(which.cookies() ? CookieMode.ALWAYS : CookieMode.WHEN_FULL)
                .receiveBuffer(window(which))
                .bufferMemory(1 << 20)
                .customs(TcpCustoms.LINUX)
                .build();
        return new SteppedAgent(pool, cache, tcp, "10.9.0.1/24", "2001:db8:9::1/64");
    }

    @Override
    void begin(TwinCase which, int number) throws IOException {
        super.begin(which, number);
        agent.close();
        agent = start(which);
    }

    @Override
    String ask(String request) {
        return request.equals("left") || request.startsWith("arrive ") ? exchange(request) : agent.ask(request);
    }

    private String exchange(String request) {
        final String[] words = request.split(" ", -1);
        for (int i = 1; i < words.length; i++) {
            agent.arrive(HexFormat.of().parseHex(words[i]));
        }
        final StringBuilder answer = new StringBuilder("0 0");
        agent.sent().forEach(packet -> answer.append(' ').append(HexFormat.of().formatHex(packet)));
        return answer.toString();
    }

    @Override
    String[] ask(List<String> requests) {
        return requests.stream().map(this::ask).toArray(String[]::new);
    }

    @Override
    public void close() {
        agent.close();
    }
}
