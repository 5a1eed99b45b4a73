package io.millrace.bench.plan;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.tcp.TcpSetting;
import io.millrace.config.tcp.TcpValue;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.config.TcpFastOpen;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What each setting of a file or flag is in {@link TcpConfig}. */
public final class TcpTuning {
    private record Binding(
            TcpSetting setting, Function<TcpConfig, TcpValue> get, BiConsumer<TcpConfigBuilder, TcpValue> set) {}

    // The sides of FAST_OPEN_NO_COOKIE: its words are no, client, server, both.
    private static final int CLIENT = 1;
    private static final int SERVER = 2;

    /** What keys are called that each host draws for itself. */
    private static final String OWN_KEYS = "own";

    /** What may not be above what. */
    private record Order(TcpSetting low, TcpSetting high) {}

    /** In the order of setting: a buffer's size comes before its limit, which it resets. */
    private static final List<Binding> BINDINGS = List.of(
            word(
                    TcpSetting.CONGESTION,
                    c -> c.features().congestionControl(),
                    (b, word) -> b.congestionControl(CongestionAlgorithm.valueOf(word))),
            flag(TcpSetting.PACING, c -> c.features().pacing(), TcpConfigBuilder::pacing),
            word(TcpSetting.ECN, c -> c.features().ecn(), (b, word) -> b.ecn(EcnMode.valueOf(word))),
            flag(
                    TcpSetting.ACCURATE_ECN_OPTION,
                    c -> c.features().accurateEcnOption(),
                    TcpConfigBuilder::accurateEcnOption),
            number(TcpSetting.ECN_SYN_RETRIES, c -> c.features().ecnSynRetries(), TcpConfigBuilder::ecnSynRetries),
            flag(TcpSetting.ECN_CHECKS, c -> c.features().ecnChecks(), TcpConfigBuilder::ecnChecks),
            flag(TcpSetting.SACK, c -> c.features().sack(), TcpConfigBuilder::sack),
            flag(TcpSetting.TAIL_LOSS_PROBES, c -> c.features().tailLossProbes(), TcpConfigBuilder::tailLossProbes),
            flag(TcpSetting.TIMESTAMPS, c -> c.features().timestamps(), TcpConfigBuilder::timestamps),
            flag(TcpSetting.WINDOW_SCALING, c -> c.features().windowScaling(), TcpConfigBuilder::windowScaling),
            flag(TcpSetting.NO_DELAY, c -> c.features().noDelay(), TcpConfigBuilder::noDelay),
            word(
                    TcpSetting.MTU_PROBING,
                    c -> c.features().mtuProbing(),
                    (b, word) -> b.mtuProbing(MtuProbing.valueOf(word))),
            number(TcpSetting.BASE_MTU, c -> c.features().baseMtu(), TcpConfigBuilder::baseMtu),
            large(
                    TcpSetting.MTU_PROBE_INTERVAL,
                    c -> c.timeouts().mtuProbeInterval(),
                    TcpConfigBuilder::mtuProbeInterval),
            number(TcpSetting.MIN_MSS, c -> c.features().minMss(), TcpConfigBuilder::minMss),
            number(TcpSetting.MAX_MSS, c -> c.features().maxMss(), TcpConfigBuilder::maxMss),
            number(TcpSetting.HOP_LIMIT, c -> c.features().hopLimit(), TcpConfigBuilder::hopLimit),
            number(TcpSetting.SEND_BUFFER, c -> c.buffers().sendBuffer(), TcpConfigBuilder::sendBuffer),
            number(TcpSetting.SEND_BUFFER_LIMIT, c -> c.buffers().sendBufferLimit(), TcpConfigBuilder::sendBufferLimit),
            number(TcpSetting.RECEIVE_BUFFER, c -> c.buffers().receiveBuffer(), TcpConfigBuilder::receiveBuffer),
            number(
                    TcpSetting.RECEIVE_BUFFER_LIMIT,
                    c -> c.buffers().receiveBufferLimit(),
                    TcpConfigBuilder::receiveBufferLimit),
            number(
                    TcpSetting.NOT_SENT_LOW_WATER,
                    c -> c.buffers().notSentLowWater(),
                    TcpConfigBuilder::notSentLowWater),
            large(TcpSetting.BUFFER_MEMORY, c -> c.buffers().bufferMemory(), TcpConfigBuilder::bufferMemory),
            number(TcpSetting.MIN_RTO, c -> c.timeouts().minRto(), TcpConfigBuilder::minRto),
            number(TcpSetting.INITIAL_RTO, c -> c.timeouts().initialRto(), TcpConfigBuilder::initialRto),
            number(TcpSetting.MAX_RTO, c -> c.timeouts().maxRto(), TcpConfigBuilder::maxRto),
            number(TcpSetting.SYN_RETRIES, c -> c.timeouts().synRetries(), TcpConfigBuilder::synRetries),
            number(
                    TcpSetting.LINEAR_SYN_TIMEOUTS,
                    c -> c.timeouts().linearSynTimeouts(),
                    TcpConfigBuilder::linearSynTimeouts),
            large(TcpSetting.CONNECT_TIMEOUT, c -> c.timeouts().connect(), TcpConfigBuilder::connectTimeout),
            number(TcpSetting.SYN_ACK_RETRIES, c -> c.timeouts().synAckRetries(), TcpConfigBuilder::synAckRetries),
            number(TcpSetting.DATA_RETRIES, c -> c.timeouts().dataRetries(), TcpConfigBuilder::dataRetries),
            number(TcpSetting.DELAYED_ACK, c -> c.timeouts().delayedAck(), TcpConfigBuilder::delayedAck),
            number(TcpSetting.QUICK_ACKS, c -> c.timeouts().quickAcks(), TcpConfigBuilder::quickAcks),
            large(TcpSetting.USER_TIMEOUT, c -> c.timeouts().userTimeout(), TcpConfigBuilder::userTimeout),
            large(TcpSetting.KEEPALIVE_IDLE, c -> c.timeouts().keepAliveIdle(), TcpConfigBuilder::keepAliveIdle),
            large(
                    TcpSetting.KEEPALIVE_INTERVAL,
                    c -> c.timeouts().keepAliveInterval(),
                    TcpConfigBuilder::keepAliveInterval),
            number(TcpSetting.KEEPALIVE_PROBES, c -> c.timeouts().keepAliveProbes(), TcpConfigBuilder::keepAliveProbes),
            large(TcpSetting.FIN_TIMEOUT, c -> c.timeouts().finWait2(), TcpConfigBuilder::finWait2),
            large(TcpSetting.TIME_WAIT, c -> c.timeouts().timeWait(), TcpConfigBuilder::timeWait),
            number(TcpSetting.MAX_TIME_WAIT, c -> c.limits().maxTimeWait(), TcpConfigBuilder::maxTimeWait),
            number(TcpSetting.SYN_BACKLOG, c -> c.limits().synBacklog(), TcpConfigBuilder::synBacklog),
            word(
                    TcpSetting.SYN_COOKIES,
                    c -> c.features().synCookies(),
                    (b, word) -> b.synCookies(CookieMode.valueOf(word))),
            flag(TcpSetting.FAST_OPEN, c -> c.fastOpen().client(), (b, on) -> b.fastOpen(f -> f.withClient(on))),
            number(
                    TcpSetting.FAST_OPEN_QUEUE,
                    c -> c.fastOpen().queue(),
                    (b, most) -> b.fastOpen(f -> f.withQueue(most))),
            new Binding(
                    TcpSetting.FAST_OPEN_KEY,
                    c -> TcpValue.of(keys(c.fastOpen().keys())),
                    (b, keys) -> b.fastOpen(f -> f.withKeys(keys(keys.text())))),
            new Binding(
                    TcpSetting.FAST_OPEN_NO_COOKIE,
                    c -> TcpValue.of(withoutCookie(c.fastOpen())),
                    (b, sides) -> b.fastOpen(f -> f.withClientWithoutCookie((sides.number() & CLIENT) != 0)
                            .withServerWithoutCookie((sides.number() & SERVER) != 0))),
            number(
                    TcpSetting.FAST_OPEN_COOKIES,
                    c -> c.fastOpen().cookies(),
                    (b, most) -> b.fastOpen(f -> f.withCookies(most))),
            large(
                    TcpSetting.FAST_OPEN_PATH_PAUSE,
                    c -> c.fastOpen().pathPause(),
                    (b, micros) -> b.fastOpen(f -> f.withPathPause(micros))),
            large(
                    TcpSetting.FAST_OPEN_PAUSE,
                    c -> c.fastOpen().blackHolePause(),
                    (b, micros) -> b.fastOpen(f -> f.withBlackHolePause(micros))),
            number(
                    TcpSetting.UDP_ENCAPSULATION_PORT,
                    c -> c.udpEncapsulation().port(),
                    (b, port) -> b.udpEncapsulation(u -> new UdpEncapsulation(port, u.overhead()))),
            number(
                    TcpSetting.UDP_ENCAPSULATION_OVERHEAD,
                    c -> c.udpEncapsulation().overhead(),
                    (b, bytes) -> b.udpEncapsulation(u -> new UdpEncapsulation(u.port(), bytes))),
            new Binding(
                    TcpSetting.CUSTOMS,
                    c -> TcpValue.of(c.customs().equals(TcpCustoms.STANDARD) ? 0 : 1),
                    (b, which) -> b.customs(which.number() == 0 ? TcpCustoms.STANDARD : TcpCustoms.LINUX)),
            number(TcpSetting.MAX_CONNECTIONS, c -> c.limits().maxConnections(), TcpConfigBuilder::maxConnections),
            number(TcpSetting.FIRST_PORT, c -> c.limits().firstEphemeralPort(), TcpConfigBuilder::firstEphemeralPort),
            number(TcpSetting.LAST_PORT, c -> c.limits().lastEphemeralPort(), TcpConfigBuilder::lastEphemeralPort),
            number(
                    TcpSetting.REASSEMBLY_RANGES,
                    c -> c.limits().reassemblyRanges(),
                    TcpConfigBuilder::reassemblyRanges),
            number(TcpSetting.CHALLENGE_ACKS, c -> c.limits().challengeAcks(), TcpConfigBuilder::challengeAcks),
            number(TcpSetting.RESETS_PER_SECOND, c -> c.limits().resetsPerSecond(), TcpConfigBuilder::resetsPerSecond));

    private static final List<Order> ORDERS = List.of(
            new Order(TcpSetting.SEND_BUFFER, TcpSetting.SEND_BUFFER_LIMIT),
            new Order(TcpSetting.RECEIVE_BUFFER, TcpSetting.RECEIVE_BUFFER_LIMIT),
            new Order(TcpSetting.MIN_RTO, TcpSetting.INITIAL_RTO),
            new Order(TcpSetting.INITIAL_RTO, TcpSetting.MAX_RTO),
            new Order(TcpSetting.MIN_MSS, TcpSetting.MAX_MSS),
            new Order(TcpSetting.FIRST_PORT, TcpSetting.LAST_PORT));

    private TcpTuning() {}

    /** What a setting is unless it is set, written as in a file. */
    public static String usual(final TcpSetting setting) {
        return text(setting, TcpConfig.defaults());
    }

    /** What a setting is in a configuration, written as in a file. */
    static String text(final TcpSetting setting, final TcpConfig config) {
        return setting.text(binding(setting).get.apply(config));
    }

    private static TcpValue usualValue(final TcpSetting setting) {
        return binding(setting).get.apply(TcpConfig.defaults());
    }

    private static String keys(final @Nullable FastOpenKeys keys) {
        return keys == null ? OWN_KEYS : keys.text();
    }

    private static @Nullable FastOpenKeys keys(final String text) {
        return text.equals(OWN_KEYS) ? null : FastOpenKeys.parse(text.replace('+', ','));
    }

    private static int withoutCookie(final TcpFastOpen fastOpen) {
        return (fastOpen.clientWithoutCookie() ? CLIENT : 0) | (fastOpen.serverWithoutCookie() ? SERVER : 0);
    }

    /** The usual configuration with settings of the user's that are known to fit together, to go on from. */
    public static TcpConfigBuilder apply(final Map<TcpSetting, Located<TcpValue>> settings) {
        final Problems problems = new Problems();
        final TcpConfigBuilder tcp = apply(settings, problems);
        problems.throwIfAny();
        return tcp;
    }

    /**
     * The usual configuration with settings of the user's, to go on from.
     *
     * @param problems gets what does not fit together; with problems the result is not to be used
     */
    public static TcpConfigBuilder apply(final Map<TcpSetting, Located<TcpValue>> settings, final Problems problems) {
        for (final Order order : ORDERS) {
            check(order, settings, problems);
        }
        final TcpConfigBuilder builder = TcpConfig.builder();
        for (final Binding binding : BINDINGS) {
            binding.set.accept(builder, value(binding.setting, settings));
        }
        return builder;
    }

    private static void check(
            final Order order, final Map<TcpSetting, Located<TcpValue>> settings, final Problems problems) {
        final TcpValue low = value(order.low, settings);
        final TcpValue high = value(order.high, settings);
        if (low.number() <= high.number()) {
            return;
        }
        final TcpSetting blamed = settings.containsKey(order.high) ? order.high : order.low;
        problems.add(
                Objects.requireNonNull(settings.get(blamed)).place(),
                order.low.key() + " is " + order.low.text(low) + ", above " + order.high.key() + ", which is "
                        + order.high.text(high),
                "lower the one or raise the other");
    }

    private static TcpValue value(final TcpSetting setting, final Map<TcpSetting, Located<TcpValue>> settings) {
        final Located<TcpValue> set = settings.get(setting);
        return set == null ? usualValue(setting) : set.value();
    }

    private static Binding binding(final TcpSetting setting) {
        return BINDINGS.stream()
                .filter(binding -> binding.setting == setting)
                .findFirst()
                .orElseThrow();
    }

    /** Sets one value of a builder. */
    private interface Setter<T> {
        void set(TcpConfigBuilder builder, T value);
    }

    private static Binding word(
            final TcpSetting setting, final Function<TcpConfig, Enum<?>> get, final Setter<String> set) {
        return new Binding(
                setting,
                config -> TcpValue.of(setting.choices().indexOf(choice(get.apply(config)))),
                (builder, value) -> set.set(builder, constant(setting.text(value))));
    }

    private static String choice(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String constant(final String choice) {
        return choice.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static Binding flag(final TcpSetting setting, final Predicate<TcpConfig> get, final Setter<Boolean> set) {
        return new Binding(
                setting,
                config -> TcpValue.of(get.test(config) ? 1 : 0),
                (builder, value) -> set.set(builder, value.number() == 1));
    }

    private static Binding number(
            final TcpSetting setting, final ToLongFunction<TcpConfig> get, final Setter<Integer> set) {
        return new Binding(
                setting,
                config -> TcpValue.of(get.applyAsLong(config)),
                (builder, value) -> set.set(builder, Math.toIntExact(value.number())));
    }

    private static Binding large(
            final TcpSetting setting, final ToLongFunction<TcpConfig> get, final Setter<Long> set) {
        return new Binding(
                setting,
                config -> TcpValue.of(get.applyAsLong(config)),
                (builder, value) -> set.set(builder, value.number()));
    }
}
