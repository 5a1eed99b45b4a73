package io.millrace.bench.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSnapshot;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import org.junit.jupiter.api.Test;

/** {@code ss -i} as people know it from Linux. */
final class InfoTextTest {
    private static final Endpoint<Ipv4Address> END = new Endpoint<>(Ipv4Address.of(192, 0, 2, 1), 80);

    private static String text(TcpInfo info, long now) {
        return InfoText.of(new TcpSnapshot(TcpState.ESTABLISHED, END, END, 0, 0, info, null), now);
    }

    @Test
    void shouldTellHowLongAgoDataWasSentAndReceivedAndAnAcknowledgmentCame() {
        final TcpInfo info = new TcpInfo();
        info.lastSentAt = 10_000;
        info.lastDataReceivedAt = 20_000;
        info.lastReceivedAt = 30_000;
        final String text = text(info, 100_000);
        assertTrue(text.contains(" lastsnd:90 lastrcv:80 lastack:70 "), text);
    }

    @Test
    void shouldTellNothingOfWhatHasNotHappened() {
        final String text = text(new TcpInfo(), 100_000);
        assertFalse(text.contains("last"), text);
    }
}
