package io.millrace.bench.appliance;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.millrace.bench.control.ControlException;
import io.millrace.bench.control.ControlRequest;
import io.millrace.bench.control.ControlService;
import io.millrace.bench.control.ControlSocket;
import io.millrace.bench.control.ControlThread;
import io.millrace.bench.control.TextRow;
import io.millrace.dataplane.filter.FilterException;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.pipeline.NodeCounter;
import io.millrace.dataplane.pipeline.NodeStats;
import io.millrace.dataplane.pipeline.PacketTrace;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.dataplane.pipeline.node.LearningSwitch;
import io.millrace.dataplane.pipeline.node.MacTable;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.Stack;
import io.millrace.stack.node.Responder;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests about a running appliance. Nodes belong to the thread that runs them, so each request is carried there
 * and runs between two polls; packets wait in their ports meanwhile, and none is lost.
 */
final class ApplianceControl implements ControlSocket.Service {
    private static final int MAX_VLAN = 4_094;
    private static final int MAX_SECONDS = 600;
    private static final int MAX_AGEING = 1_000_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final Appliance appliance;
    private final Wiring wiring;
    private final Gson gson = new Gson();

    /** A graph follows one trace at a time. */
    private final ReentrantLock tracing = new ReentrantLock();

    ApplianceControl(Appliance appliance) {
        this.appliance = appliance;
        this.wiring = appliance.wiring();
    }

    @Override
    public JsonElement serve(ControlRequest request) {
        final Stack router = wiring.router();
        return switch (request.object()) {
            case "appliance" -> rows(appliance(request));
            case "mac" -> rows(stations(request));
            case "route", "neigh", "ss", "address" -> {
                if (router == null) {
                    throw new ControlException("this appliance is no router; " + request.object()
                            + " is for millrace serve and millrace forward --mode l3router");
                }
                yield router(router, request);
            }
            default ->
                throw new ControlException("this is millrace forward; " + request.object() + " is for millrace serve");
        };
    }

    private JsonElement router(Stack router, ControlRequest request) {
        final JsonElement answer = new ControlService(
                        List.of(new ControlService.Shard(router, List::of, appliance::execute)))
                .serve(request);
        final HostSync sync = appliance.sync();
        if (sync != null && !request.action().equals("show")) {
            sync.routerChanged();
        }
        return answer;
    }

    private JsonElement rows(List<String> lines) {
        return gson.toJsonTree(lines.stream().map(TextRow::new).toList());
    }

    private <T> T ask(Supplier<T> question) {
        return ControlThread.ask(appliance::execute, question);
    }

    private List<String> appliance(ControlRequest request) {
        return switch (request.action()) {
            case "show" -> show();
            case "trace" -> trace(request);
            case "set" -> {
                set(request, request.required("name"), request.required("value"));
                yield List.of();
            }
            default -> throw new ControlException("this server does not know appliance " + request.action());
        };
    }

    private List<String> show() {
        final List<String> lines = new ArrayList<>();
        for (final NodeStats stats : wiring.graph().stats()) {
            final String vector = String.format(
                    Locale.ROOT,
                    "%-12s %,15d packets  %5.1f a burst",
                    stats.name(),
                    stats.packets(),
                    stats.packetsPerBurst());
            final String times = String.format(
                    Locale.ROOT,
                    "  %7.1f ns a packet  %8.1f ns a burst",
                    stats.nanosPerPacket(),
                    stats.nanosPerBurst());
            lines.add(stats.timedBursts() == 0 ? vector : vector + times);
            for (final NodeCounter counter : stats.counters()) {
                lines.add(count(counter.count(), counter.key(), counter.description()));
            }
            for (final Reason reason : stats.reasons()) {
                if (reason.count() > 0) {
                    lines.add(count(reason.count(), reason.key() + " (dropped)", reason.description()));
                }
            }
        }
        final LearningSwitch bridge = wiring.bridge();
        if (bridge != null) {
            lines.add(count(ask(() -> bridge.table().size()), "stations", "stations in the table"));
        }
        final HostSync sync = appliance.sync();
        if (sync != null) {
            lines.add("  " + sync.text());
        }
        for (int i = 0; i < wiring.responders().size(); i++) {
            final Responder responder = wiring.responders().get(i);
            lines.add("  answers at port " + i + " for " + ask(responder::addresses));
        }
        return lines;
    }

    private static String count(long value, String key, String description) {
        return String.format(Locale.ROOT, "  %,26d  %s: %s", value, key, description);
    }

    private List<String> trace(ControlRequest request) {
        final int count = number(request.required("count"), 1, 1_000, "-c");
        final int seconds = number(request.required("seconds"), 1, MAX_SECONDS, "--seconds");
        final PacketFilter filter;
        try {
            filter = PacketFilter.compile(request.required("filter"), appliance.medium());
        } catch (FilterException e) {
            throw new ControlException("--filter: " + e.getMessage());
        }
        if (!tracing.tryLock()) {
            throw new ControlException("somebody else traces packets; wait until that is over");
        }
        try {
            return trace(new PacketTrace(count, filter), seconds);
        } finally {
            tracing.unlock();
        }
    }

    private List<String> trace(PacketTrace trace, int seconds) {
        ask(() -> {
            wiring.graph().trace(trace);
            return true;
        });
        ControlThread.await(trace::isDone, Duration.ofSeconds(seconds));
        final List<PacketTrace.Path> paths = ask(() -> {
            wiring.graph().trace(null);
            return trace.paths();
        });
        return TraceText.lines(paths, appliance.medium(), appliance.epochOffsetMicros());
    }

    private void set(ControlRequest request, String name, String value) {
        switch (name) {
            case "ageing" -> {
                final MacTable table = bridge("ageing").table();
                final long micros = number(value, 1, MAX_AGEING, name) * MICROS_PER_SECOND;
                ask(() -> {
                    table.ageing(micros);
                    return true;
                });
            }
            case "record" -> record(value);
            case "answer", "ignore" -> answer(name.equals("answer"), value, request.optional("port"));
            default ->
                throw new ControlException("there is no parameter " + name + "; there are ageing SECONDS (l2switch),"
                        + " record FILE or record off (recorder), answer ADDRESS and ignore ADDRESS (responder)");
        }
    }

    private void record(String value) {
        if (wiring.recorders().isEmpty()) {
            throw new ControlException("this appliance is no recorder; record is for --mode recorder");
        }
        try {
            final Path file = value.equals("off") ? null : Path.of(value);
            if (file != null && !file.isAbsolute()) {
                throw new ControlException(value + " is no absolute path, and the recorder runs in another folder");
            }
            appliance.record(
                    file,
                    change -> ask(() -> {
                        change.run();
                        return true;
                    }));
        } catch (InvalidPathException | PortException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        }
    }

    private void answer(boolean add, String value, @Nullable String port) {
        if (wiring.responders().isEmpty()) {
            throw new ControlException("this appliance is no responder; answer and ignore are for --mode responder");
        }
        final IpAddress address;
        try {
            address = IpAddress.parse(value);
        } catch (AddressSyntaxException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        }
        final List<Responder> chosen =
                port == null ? wiring.responders() : List.of(wiring.responders().get(port(port)));
        final boolean done =
                ask(() -> add ? Responder.addToAll(chosen, address) : Responder.removeFromAll(chosen, address));
        if (!done) {
            throw new ControlException(
                    add
                            ? "a port answers for " + Responder.MAX_ADDRESSES
                                    + " addresses at most, so none has been given this one; ignore another first"
                            : "nobody answers for " + address + "; appliance show lists the addresses");
        }
        final HostSync sync = appliance.sync();
        if (sync != null) {
            sync.routerChanged();
        }
    }

    private List<String> stations(ControlRequest request) {
        final MacTable table = bridge("mac").table();
        final String tag = request.optional("vlan");
        final int vlan = tag == null ? 0 : number(tag, 1, MAX_VLAN, "--vlan");
        return switch (request.action()) {
            case "show" -> {
                final List<String> lines = new ArrayList<>();
                for (final MacTable.Entry entry : ask(() -> table.entries(ShardOptions.monotonicMicros()))) {
                    if (tag == null || entry.vlan() == vlan) {
                        lines.add(text(entry));
                    }
                }
                yield lines;
            }
            case "add" -> {
                final long mac = mac(request.required("mac"));
                final int port = port(request.required("port"));
                if (!ask(() -> table.fix(mac, vlan, port))) {
                    throw new ControlException("the table is full; mac flush makes room, --table-size more of it");
                }
                yield List.of();
            }
            case "del" -> {
                final long mac = mac(request.required("mac"));
                if (!ask(() -> table.remove(mac, vlan))) {
                    throw new ControlException("there is no such station"
                            + (tag == null ? " without a VLAN" : " in VLAN " + vlan) + "; mac show lists them");
                }
                yield List.of();
            }
            case "flush" -> {
                ask(() -> {
                    table.flush();
                    return true;
                });
                yield List.of();
            }
            default -> throw new ControlException("this server does not know mac " + request.action());
        };
    }

    private String text(MacTable.Entry entry) {
        return new MacAddress(entry.mac())
                + (entry.vlan() == 0 ? "" : " vlan " + entry.vlan())
                + " port " + entry.port() + " dev " + appliance.portNames().get(entry.port())
                + (entry.fixed() ? " static" : " age " + entry.ageMicros() / MICROS_PER_SECOND + " s");
    }

    private LearningSwitch bridge(String what) {
        final LearningSwitch bridge = wiring.bridge();
        if (bridge == null) {
            throw new ControlException("this appliance is no switch; " + what + " is for --mode l2switch");
        }
        return bridge;
    }

    /** The number of a port that is given by number or name. */
    private int port(String text) {
        final List<String> names = appliance.portNames();
        final int named = names.indexOf(text);
        if (named >= 0) {
            return named;
        }
        try {
            final int number = Integer.parseInt(text);
            if (number >= 0 && number < names.size()) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Neither a name nor a number; told below.
        }
        throw new ControlException("there is no port " + text + "; ports are 0 to " + (names.size() - 1) + ", named "
                + String.join(", ", names));
    }

    private static long mac(String text) {
        final long mac;
        try {
            mac = MacAddress.parse(text).value();
        } catch (AddressSyntaxException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        }
        if (MacAddress.isMulticast(mac) || mac == 0) {
            throw new ControlException(text + " is the address of no single station");
        }
        return mac;
    }

    private static int number(String text, int least, int most, String what) {
        try {
            final int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // One message for both.
        }
        throw new ControlException(
                what + ": '" + text + "' is not possible; write a whole number from " + least + " to " + most);
    }
}
