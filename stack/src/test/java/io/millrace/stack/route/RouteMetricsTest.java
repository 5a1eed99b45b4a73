package io.millrace.stack.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.address.Cidr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteMetricsTest {
    @Test
    void shouldReadWhatIpRouteTakes() {
        assertEquals(
                new RouteMetrics(1400, true, 1360, 20, 30, 50_000, true, CongestionAlgorithm.BBR, true),
                RouteMetrics.parse("mtu lock 1400 advmss 1360 initcwnd 20 initrwnd 30 rto_min lock 50ms quickack 1"
                        + " congctl bbr features ecn"));
        assertSame(RouteMetrics.NONE, RouteMetrics.parse("  "));
    }

    @ParameterizedTest
    @CsvSource({
        "mtu 1400, mtu 1400",
        "initrwnd 5  mtu lock 9000, mtu lock 9000 initrwnd 5",
        "rto_min 20, rto_min lock 20ms",
        "rto_min 1s, rto_min lock 1000ms",
        "rto_min 1500us, rto_min lock 1500us",
        "congctl lock reno quickack 0, congctl reno",
        "advmss 500 quickack 1 features ecn initcwnd 3, advmss 500 initcwnd 3 features ecn quickack 1",
    })
    void shouldPrintWhatIpRoutePrints(final String text, final String printed) {
        assertEquals(printed, RouteMetrics.parse(text).toString());
        assertEquals(RouteMetrics.parse(text), RouteMetrics.parse(printed));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mtu | mtu has no value",
                "mtu big | mtu 'big' is no whole number",
                "mtu 67 | mtu 67; it is 68 to 65520",
                "mtu 0 | leave it out",
                "initcwnd 10001 | initcwnd 10001; it is 1 to 10000",
                "advmss 27 | it is 28 to 65495",
                "rto_min 999us | rto_min 999; it is 1000 to 60000000",
                "rto_min 0 | write a time such as 50ms",
                "rto_min 99999999s | rto_min 2147483647; it is",
                "quickack 2 | it is 0 or 1",
                "congctl vegas | congctl 'vegas' is none of [reno, cubic, dctcp, bbr, hybla, none]",
                "features tcp_usec_ts | there is ecn",
                "hoplimit 3 | no metric 'hoplimit' of routes; there are mtu, advmss,",
            })
    void shouldSayWhatIsWrong(final String text, final String part) {
        final String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> RouteMetrics.parse(text))
                        .getMessage());
        assertTrue(message.contains(part), message);
    }

    @Test
    void shouldRefuseWhatARouteCannotHave() {
        final RouteMetrics small = RouteMetrics.parse("mtu 1279");
        final Route six = Route.onLink(Cidr.parse("2001:db8::/32"), 0);
        assertThrows(IllegalArgumentException.class, () -> six.withMetrics(small));
        final Route nowhere = Route.of(Cidr.parse("10.0.0.0/8"), RouteKind.BLACKHOLE, null, 0);
        assertThrows(IllegalArgumentException.class, () -> nowhere.withMetrics(small));
    }
}
