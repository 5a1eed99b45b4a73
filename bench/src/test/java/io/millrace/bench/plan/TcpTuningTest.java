package io.millrace.bench.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.tcp.TcpSetting;
import io.millrace.config.tcp.TcpSettings;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TcpTuningTest {
    private static TcpConfig with(TcpSetting setting, String value) {
        final Problems problems = new Problems();
        final TcpSettings settings = new TcpSettings(problems);
        settings.set(setting, new Located<>(value, Place.flag("--tcp-settings")));
        final TcpConfig config = TcpTuning.apply(settings.resolve(), problems).build();
        assertEquals(List.of(), problems.lines());
        return config;
    }

    @ParameterizedTest
    @EnumSource
    void shouldChangeOneThingWhenOneThingIsSet(TcpSetting setting) {
        final String usual = TcpTuning.usual(setting);
        final String other = other(setting);
        assertEquals(TcpConfig.defaults(), with(setting, usual));
        final TcpConfig changed = with(setting, other);
        assertNotEquals(TcpConfig.defaults(), changed);
        assertEquals(other, TcpTuning.text(setting, changed));
        for (final TcpSetting rest : TcpSetting.values()) {
            if (rest != setting) {
                assertEquals(TcpTuning.usual(rest), TcpTuning.text(rest, changed), rest.key());
            }
        }
    }

    @Test
    void shouldTakeKeysBehindAPlusWhereACommaIsBetweenSettings() {
        final Problems problems = new Problems();
        final TcpSettings settings = new TcpSettings(problems);
        final String flag = "fast-open-key=a0bf63f7-ed803d81-cd641d30-cebc4a90+00000000-00000001-00000002-00000003,"
                + "fast-open-no-cookie=client,customs=linux";
        settings.list(new Located<>(flag, Place.flag("--tcp-settings")));
        final TcpConfig config = TcpTuning.apply(settings.resolve(), problems).build();
        assertEquals(List.of(), problems.lines());
        assertEquals(
                FastOpenKeys.parse("a0bf63f7-ed803d81-cd641d30-cebc4a90,00000000-00000001-00000002-00000003"),
                config.fastOpen().keys());
        assertTrue(config.fastOpen().clientWithoutCookie());
        assertFalse(config.fastOpen().serverWithoutCookie());
        assertEquals(TcpCustoms.LINUX, config.customs());
    }

    @Test
    void shouldNotTellAKeyThatIsWrong() {
        final Problems problems = new Problems();
        final TcpSettings settings = new TcpSettings(problems);
        settings.list(new Located<>("fast-open-key=a0bf63f7-ed803d81-cd641d30", Place.flag("--tcp-settings")));
        assertEquals(1, problems.lines().size());
        assertFalse(
                problems.lines().getFirst().contains("a0bf63f7"),
                problems.lines().getFirst());
    }

    private static String other(TcpSetting setting) {
        return switch (setting) {
            case MIN_MSS -> "100";
            case BASE_MTU -> "1500";
            case MTU_PROBE_INTERVAL -> "1m";
            case MAX_MSS -> "1460";
            case SEND_BUFFER, RECEIVE_BUFFER -> "65537";
            case BUFFER_MEMORY, SEND_BUFFER_LIMIT, RECEIVE_BUFFER_LIMIT -> "8M";
            case MIN_RTO -> "50ms";
            case INITIAL_RTO,
                    CONNECT_TIMEOUT,
                    FIN_TIMEOUT,
                    TIME_WAIT,
                    USER_TIMEOUT,
                    KEEPALIVE_IDLE,
                    KEEPALIVE_INTERVAL -> "3s";
            case MAX_RTO, FAST_OPEN_PATH_PAUSE, FAST_OPEN_PAUSE -> "2m";
            case DELAYED_ACK -> "1500us";
            case FAST_OPEN_KEY -> "a0bf63f7-ed803d81-cd641d30-cebc4a90,00000000-00000001-00000002-00000003";
            case FIRST_PORT -> "1024";
            case LAST_PORT -> "60999";
            default -> {
                final String usual = TcpTuning.usual(setting);
                final String range = setting.range();
                if (!range.contains("|")) {
                    yield "17";
                }
                yield List.of(range.split("\\|")).stream()
                        .filter(choice -> !choice.equals(usual))
                        .findFirst()
                        .orElseThrow();
            }
        };
    }

    @Test
    void shouldListEverySettingWithItsDefault() {
        final StringWriter out = new StringWriter();
        assertEquals(0, Main.run(new PrintWriter(out), new PrintWriter(out), "tcp-settings"));
        final List<String> lines = out.toString().lines().toList();
        for (final TcpSetting setting : TcpSetting.values()) {
            final String line = lines.get(1 + setting.ordinal());
            assertTrue(line.startsWith(setting.key() + " "), line);
            assertTrue(line.contains(" " + TcpTuning.usual(setting) + " "), line);
            assertTrue(line.contains(" " + setting.range() + " "), line);
        }
        assertEquals(1 + TcpSetting.values().length, lines.size());
    }
}
