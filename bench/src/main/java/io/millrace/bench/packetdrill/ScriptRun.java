package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.Attempt;
import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.Outcome;
import io.millrace.bench.packetdrill.host.SystemCalls;
import io.millrace.bench.packetdrill.host.Values;
import io.millrace.bench.packetdrill.script.Event;
import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Event.Packet;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.packetdrill.script.ScriptException;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.TcpDescriptor;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A script while it runs: takes its events one by one. */
final class ScriptRun implements AutoCloseable {
    /** Calls that return descriptors, whose numbers are the script's. */
    private static final Set<String> OPENS =
            Set.of("socket", "accept", "accept4", "epoll_create", "epoll_create1", "open");
    /** How long a call may take that the script does not call blocking. */
    private static final long PATIENCE = 2_000_000;

    private final Settings settings;
    private final Sysctls sysctls;
    private @Nullable Machine machine;
    private @Nullable SystemCalls calls;
    private @Nullable PacketEvents packets;
    private @Nullable TcpConfig config;
    private final Clock clock;

    private @Nullable Attempt pending;
    private @Nullable Event pendingEvent;
    private long pendingFrom;
    private @Nullable Outcome pendingOutcome;
    private long pendingDone;
    private int reportLine;
    /** When the machine began, since the script did. */
    private long begun;

    private final List<Event> changes = new ArrayList<>();
    /** What code knows by name: its own variables stay, the connection's values are those of the moment. */
    private final Map<String, Double> names = new HashMap<>();

    ScriptRun(final Settings settings, final Sysctls sysctls) {
        this.settings = settings;
        this.sysctls = sysctls;
        this.clock = new Clock(settings);
    }

    /** The line that a report is about. */
    int line(final int otherwise) {
        return reportLine != 0 ? reportLine : otherwise;
    }

    /** The machine, made when it is first needed: settings may change until then. */
    private Machine machine() {
        Machine made = machine;
        if (made == null) {
            final TcpConfig tcp = sysctls.config();
            made = new Machine(settings, tcp, begun);
            made.surround(sysctls.surroundings());
            machine = made;
            config = tcp;
            calls = new SystemCalls(made.host());
            packets = new PacketEvents(made, settings, clock);
            made.afterPoll(this::goOn);
        }
        return made;
    }

    private SystemCalls calls() {
        machine();
        final SystemCalls made = calls;
        if (made == null) {
            throw new IllegalStateException("a machine without system calls");
        }
        return made;
    }

    private PacketEvents packets() {
        machine();
        final PacketEvents made = packets;
        if (made == null) {
            throw new IllegalStateException("a machine without packets");
        }
        return made;
    }

    void event(final Event event) {
        clock.begin(event);
        if (!(event.action() instanceof Event.Command)) {
            change();
        }
        switch (event.action()) {
            case Event.Command command -> {
                until(clock.from());
                final long rest = ShellCommands.sleep(command.text());
                if (rest >= 0) {
                    change();
                    until(clock.from() + rest);
                } else if (!StateCheck.run(command.text(), machine)) {
                    changes.add(event);
                    if (!settings.freeBsd) {
                        change();
                    }
                }
            }
            case Event.Code code -> {
                until(clock.from());
                code(code.text());
            }
            case Call call -> {
                finishPending();
                until(clock.from());
                call(event, call);
            }
            case Packet packet -> {
                if (packet.outbound()) {
                    try {
                        packets().expect(event, packet);
                    } catch (final MismatchException e) {
                        if (!settings.ignorePackets) {
                            throw e;
                        }
                    }
                } else {
                    until(clock.from());
                    packets().inject(packet);
                }
            }
        }
        clock.end(machine == null ? begun : machine().time());
    }

    /** Lets a call that still blocks come to its end. */
    void end() {
        finishPending();
    }

    /**
     * Does what was put off. Settings are a stack's for good; scripts of FreeBSD's set them back at their end, where
     * nothing that follows can tell.
     */
    private void change() {
        for (final Event event : changes) {
            if (event.action() instanceof Event.Command command) {
                final int mtu = settings.mtu();
                ShellCommands.run(event.line(), command.text(), sysctls);
                final TcpConfig was = config;
                final Machine running = machine;
                if (running != null) {
                    running.surround(sysctls.surroundings());
                }
                if (running != null
                        && was != null
                        && (mtu != settings.mtu() || !running.change(was, sysctls.config(), command.text()))
                        && !restarted()) {
                    throw ScriptException.unsupported(
                            event.line(), "a sysctl or an MTU that changes while there are sockets");
                }
            }
        }
        changes.clear();
    }

    /** Lets another machine begin where this one holds nothing, so that settings may change. */
    private boolean restarted() {
        final Machine old = machine;
        if (old == null || !old.isIdle()) {
            return false;
        }
        begun = old.time();
        old.close();
        machine = null;
        config = null;
        return true;
    }

    private void until(final long time) {
        final Machine machine = this.machine;
        if (machine == null) {
            begun = time;
            return;
        }
        if (machine.time() > time) {
            clock.check(machine.time(), "event");
        }
        while (machine.time() < time && machine.step(Math.min(time, deadline(machine)))) {
            // step() does what there is to do
        }
        while (machine.time() < time) {
            machine.step(Math.min(time, deadline(machine)));
        }
    }

    private long deadline(final Machine machine) {
        final Attempt attempt = pending;
        if (attempt == null || attempt.deadline() == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return Math.max(machine.time() + 1, attempt.deadline() - (machine.now() - machine.time()));
    }

    private void code(final String text) {
        final TcpDescriptor connection = machine().host().connection();
        if (connection != null) {
            InfoValues.of(connection, machine().now()).forEach((name, value) -> names.put(name, (double) value));
        }
        Assertions.run(text, names);
    }

    // ---- system calls ----------------------------------------------------------------------------------------------

    private void call(final Event event, final Call call) {
        final Machine machine = machine();
        final Attempt attempt = calls().begin(call, machine.now());
        pendingEvent = event;
        pendingFrom = clock.last();
        pendingOutcome = null;
        pending = attempt;
        goOn();
        machine.settle();
        packets().noteCall(call);
        if (call.blocksUntil() < 0) {
            finishPending();
        }
    }

    /** Goes on with the call that blocks. */
    private void goOn() {
        final Attempt attempt = pending;
        final Machine current = machine;
        if (attempt == null || current == null) {
            return;
        }
        final Outcome outcome = attempt.run(current.now());
        if (outcome != null) {
            pending = null;
            pendingOutcome = outcome;
            pendingDone = current.time();
        }
    }

    private void finishPending() {
        final Event event = pendingEvent;
        if (event == null || !(event.action() instanceof Call call)) {
            return;
        }
        reportLine = event.line();
        final Machine machine = machine();
        final long ends =
                call.blocksUntil() < 0 ? machine.time() : clock.absolute(event, call.blocksUntil(), pendingFrom);
        final long last = ends + Math.max(PATIENCE, settings.toleranceMicros);
        while (pending != null && machine.time() < last) {
            machine.step(Math.min(last, deadline(machine)));
        }
        final Outcome outcome = pendingOutcome;
        pending = null;
        pendingEvent = null;
        if (outcome == null) {
            throw new MismatchException("runtime error in " + call.name() + " call: it still blocks at "
                    + seconds(machine.time()) + " sec");
        }
        if (call.blocksUntil() >= 0) {
            clock.check(ends, ends, pendingDone, pendingFrom, "system call return");
        }
        if (OPENS.contains(call.name())
                && outcome.value() >= 0
                && call.result() instanceof Expression.Literal named
                && named.value() >= 0) {
            machine.host().rename(outcome.value(), named.value());
            reportLine = 0;
            return;
        }
        try {
            compare(call, outcome);
        } catch (final MismatchException e) {
            if (!settings.ignoreCalls) {
                throw e;
            }
        }
        reportLine = 0;
    }

    private static void compare(final Call call, final Outcome outcome) {
        final String error = call.errno();
        final String prefix = "runtime error in " + call.name() + " call: ";
        final boolean any = call.result() instanceof Expression.Anything;
        final long expected = any ? outcome.value() : Values.of(call.result());
        final String got = outcome.errno() == 0 ? "" : " with " + Linux.describe(outcome.errno());
        if (expected != outcome.value()) {
            final String wanted =
                    OPENS.contains(call.name()) && expected >= 0 ? "non-negative result" : "result " + expected;
            throw new MismatchException(prefix + "Expected " + wanted + " but got " + outcome.value() + got);
        }
        if (error != null && Values.named(error) != outcome.errno()) {
            throw new MismatchException(prefix + "Expected " + Linux.describe((int) Values.named(error)) + " but got"
                    + got.replace(" with", ""));
        }
    }

    private static String seconds(final long micros) {
        return String.format(Locale.ROOT, "%.6f", micros / 1e6);
    }

    @Override
    public void close() {
        final Machine made = machine;
        if (made != null) {
            made.close();
        }
    }
}
