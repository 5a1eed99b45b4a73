package io.millrace.bench.control;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.FaultText;
import io.millrace.dataplane.port.middleware.Faults;
import io.millrace.dataplane.port.middleware.RateMeter;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests about the ports of a server or appliance, and leaves all others to another service. Whatever is asked
 * and changed here any thread may ask and change, so no packet waits for it.
 */
public final class PortRequests implements ControlSocket.Service {
    private static final int MOST_SECONDS = 60;
    private static final double NANOS = 1e9;
    private static final int BITS = 8;

    private final List<Port> ports;
    private final List<PortControl> controls;
    private final ControlSocket.Service rest;
    private final Gson gson = new Gson();

    /**
     * Makes one.
     *
     * @param controls what stands around each port, in the order of the ports
     * @param rest answers what is not about ports
     */
    public PortRequests(List<Port> ports, List<PortControl> controls, ControlSocket.Service rest) {
        this.ports = List.copyOf(ports);
        this.controls = List.copyOf(controls);
        this.rest = rest;
    }

    @Override
    public JsonElement serve(ControlRequest request) {
        if (!request.object().equals("port")) {
            return rest.serve(request);
        }
        final List<String> lines = switch (request.action()) {
            case "show" -> show(request.optional("port"));
            case "rate" -> rate(request.optional("port"), request.required("seconds"));
            case "faults" -> faults(request);
            default -> throw new ControlException("this server does not know port " + request.action());
        };
        return gson.toJsonTree(lines.stream().map(TextRow::new).toList());
    }

    private List<String> show(@Nullable String name) {
        final List<String> lines = new ArrayList<>();
        for (final int i : chosen(name)) {
            final Port port = ports.get(i);
            final PortInfo info = port.info();
            final PortStats stats = port.stats();
            lines.add(i + ": " + info.name() + " (" + info.driver() + ") link " + (port.linkUp() ? "up" : "down")
                    + " mac " + new MacAddress(info.macAddress()) + " mtu " + info.mtu() + " queues " + info.queues());
            lines.add(String.format(
                    Locale.ROOT,
                    "    received %,d packets, %,d bytes, %,d missed, %,d errors; sent %,d packets, %,d bytes, %,d errors",
                    stats.rxPackets(),
                    stats.rxBytes(),
                    stats.rxMissed(),
                    stats.rxErrors(),
                    stats.txPackets(),
                    stats.txBytes(),
                    stats.txErrors()));
            lines.add("    faults in " + FaultText.of(controls.get(i).faults().onReceive()) + ", out "
                    + FaultText.of(controls.get(i).faults().onSend()));
            final Map<String, Long> counters = new TreeMap<>();
            port.forEachCounter((counter, count) -> counters.merge(counter.key(), count, Long::sum));
            counters.forEach((key, count) -> {
                if (count > 0) {
                    lines.add(String.format(Locale.ROOT, "    %,22d  %s", count, key));
                }
            });
        }
        return lines;
    }

    private List<String> rate(@Nullable String name, String text) {
        final int seconds = seconds(text);
        final List<Integer> chosen = chosen(name);
        final List<PortStats> before =
                chosen.stream().map(i -> ports.get(i).stats()).toList();
        final List<RateMeter.@Nullable Sampler> meters = new ArrayList<>();
        chosen.forEach(i -> meters.add(sampler(controls.get(i).meter())));
        final long start = System.nanoTime();
        try {
            Thread.sleep(1_000L * seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException("the server ends");
        }
        final double elapsed = (System.nanoTime() - start) / NANOS;
        final List<String> lines = new ArrayList<>();
        for (int k = 0; k < chosen.size(); k++) {
            final Port port = ports.get(chosen.get(k));
            final PortStats old = before.get(k);
            final PortStats now = port.stats();
            lines.add(chosen.get(k) + ": " + port.info().name() + " "
                    + rates(
                            (now.rxPackets() - old.rxPackets()) / elapsed,
                            BITS * (now.rxBytes() - old.rxBytes()) / elapsed,
                            (now.txPackets() - old.txPackets()) / elapsed,
                            BITS * (now.txBytes() - old.txBytes()) / elapsed));
            final RateMeter.Sampler meter = meters.get(k);
            if (meter != null) {
                final RateMeter.Rates rates = meter.sample(micros());
                lines.add("    meter " + rates(rates.rxPackets(), rates.rxBits(), rates.txPackets(), rates.txBits()));
            }
        }
        return lines;
    }

    private static RateMeter.@Nullable Sampler sampler(@Nullable RateMeter meter) {
        return meter == null ? null : meter.sampler(micros());
    }

    private static long micros() {
        return System.nanoTime() / 1_000;
    }

    private static String rates(double rxPackets, double rxBits, double txPackets, double txBits) {
        return String.format(
                Locale.ROOT,
                "received %,.0f packets/s %,.0f bit/s, sent %,.0f packets/s %,.0f bit/s",
                rxPackets,
                rxBits,
                txPackets,
                txBits);
    }

    private List<String> faults(ControlRequest request) {
        final Faults in = parse(request.optional("in"));
        final Faults out = parse(request.optional("out"));
        final List<String> lines = new ArrayList<>();
        for (final int i : chosen(request.optional("port"))) {
            final FaultInjector injector = controls.get(i).faults();
            if (in != null) {
                injector.onReceive(in);
            }
            if (out != null) {
                injector.onSend(out);
            }
            lines.add(i + ": " + ports.get(i).info().name() + " in " + FaultText.of(injector.onReceive()) + ", out "
                    + FaultText.of(injector.onSend()));
        }
        return lines;
    }

    private static @Nullable Faults parse(@Nullable String text) {
        try {
            return text == null ? null : FaultText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        }
    }

    private static int seconds(String text) {
        if (text.matches("\\d{1,2}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MOST_SECONDS) {
            return Integer.parseInt(text);
        }
        throw new ControlException("--seconds: '" + text + "' is out of range; write 1 to " + MOST_SECONDS);
    }

    /** The numbers of the ports that are meant; all of them if none is named. */
    private List<Integer> chosen(@Nullable String name) {
        final List<Integer> all = new ArrayList<>();
        for (int i = 0; i < ports.size(); i++) {
            if (name == null
                    || name.equals(Integer.toString(i))
                    || name.equals(ports.get(i).info().name())) {
                all.add(i);
            }
        }
        if (all.isEmpty()) {
            throw new ControlException("there is no port " + name + "; choose one of "
                    + ports.stream().map(port -> port.info().name()).toList());
        }
        return all;
    }
}
