package io.millrace.stack.socket.tcp.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Origin;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cookies are those that Linux makes of the same key and addresses. */
class FastOpenKeysTest {
    private static final String KEY = "a0bf63f7-ed803d81-cd641d30-cebc4a90";

    /** A flow between two addresses. */
    private static FlowEntry flow(final String local, final String remote) {
        final IpAddress here = IpAddress.parse(local);
        final IpAddress there = IpAddress.parse(remote);
        return new FlowEntry(here.family(), here.hi(), here.lo(), there.hi(), there.lo(), FlowEntry.ports(80, 4000)) {};
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.0.2, 10.248.0.2, 00abaaabe8e954c2",
        "192.168.0.2, 10.248.0.3, 1313a2da994a0951",
        "192.168.0.3, 10.248.0.3, 76d2c1c530f51f79",
    })
    @Origin("RFC 7413 4.1.2")
    void shouldMakeTheCookiesOfLinux(final String local, final String remote, final String cookie) {
        final FlowEntry flow = flow(local, remote);
        final FastOpenKeys keys = FastOpenKeys.parse(KEY);
        assertEquals(Long.parseUnsignedLong(cookie, 16), keys.cookie(flow));
        assertTrue(keys.isCurrent(flow, keys.cookie(flow)));
    }

    @Test
    void shouldMakeCookiesOfBothIpv6Addresses() {
        final FastOpenKeys keys = FastOpenKeys.parse(KEY);
        final long cookie = keys.cookie(flow("2001:db8::1", "2001:db8::2"));
        assertEquals(cookie, keys.cookie(flow("2001:db8::1", "2001:db8::2")));
        assertNotEquals(cookie, keys.cookie(flow("2001:db8::1", "2001:db8:1::2")));
        assertNotEquals(cookie, keys.cookie(flow("2001:db8::3", "2001:db8::2")));
    }

    @Test
    @Origin("RFC 7413 4.1.2")
    void shouldReadTheSameKeyAsTextAndAsBytes() {
        final byte[] bytes = HexFormat.of().parseHex("f763bfa0813d80ed301d64cd904abcce");
        assertEquals(FastOpenKeys.parse(KEY), FastOpenKeys.of(bytes));
        assertArrayEquals(bytes, FastOpenKeys.parse(KEY).bytes());
        assertEquals(KEY, FastOpenKeys.of(bytes).text());
        final String pair = KEY + ",00000000-00000001-00000002-00000003";
        assertEquals(pair, FastOpenKeys.parse(pair).text());
    }

    @Test
    @Origin("RFC 7413 5.2")
    void shouldKnowCookiesOfThePreviousKeyOnceMore() {
        final FlowEntry flow = flow("192.0.2.1", "192.0.2.2");
        final FastOpenKeys first = FastOpenKeys.parse(KEY);
        final long cookie = first.cookie(flow);
        final FastOpenKeys second = first.next(new byte[16]);
        assertFalse(second.isCurrent(flow, cookie));
        assertTrue(second.isPrevious(flow, cookie));
        final FastOpenKeys third = second.next(HexFormat.of().parseHex("01".repeat(16)));
        assertFalse(third.isCurrent(flow, cookie) || third.isPrevious(flow, cookie));
        assertEquals(32, third.bytes().length);
        assertFalse(third.toString().contains("1"), "keys are not for logs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a0bf63f7", "a0bf63f7-ed803d81-cd641d30", "a0bf63f7-ed803d81-cd641d30-cebc4a9x"})
    void shouldRefuseWhatIsNoKey(final String text) {
        assertThrows(IllegalArgumentException.class, () -> FastOpenKeys.parse(text));
    }

    @Test
    void shouldRefuseKeysOfOtherLengths() {
        assertThrows(IllegalArgumentException.class, () -> FastOpenKeys.of(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> FastOpenKeys.of(new byte[24]));
        assertThrows(IllegalArgumentException.class, () -> FastOpenKeys.parse(KEY + "," + KEY + "," + KEY));
    }
}
