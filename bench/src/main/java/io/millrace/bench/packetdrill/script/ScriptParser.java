package io.millrace.bench.packetdrill.script;

import io.millrace.bench.packetdrill.script.Event.Action;
import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Event.Timing;
import io.millrace.bench.packetdrill.script.Script.Option;
import io.millrace.bench.packetdrill.script.Script.Shell;
import io.millrace.bench.packetdrill.script.Token.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads scripts: options, a command that prepares, events with their times, a command that cleans up. */
public final class ScriptParser {
    private static final double MICROS = 1e6;
    /** About ten years, which pass in seconds. */
    private static final double MOST_SECONDS = 3.2e8;

    private static final Pattern ERRNO = Pattern.compile("E[A-Z0-9]+");

    private final Tokens tokens;
    private final PacketParser packets;

    private ScriptParser(final Tokens tokens) {
        this.tokens = tokens;
        this.packets = new PacketParser(tokens);
    }

    /**
     * Reads a script.
     *
     * @param defines what names stand for, as given from outside
     * @throws ScriptException if it is none, or has what cannot be run here
     */
    public static Script parse(final String text, final Map<String, String> defines) {
        return new ScriptParser(new Tokens(Lexer.tokens(text, new HashMap<>(defines)))).script();
    }

    private Script script() {
        final List<Option> options = new ArrayList<>();
        while (tokens.peek().kind() == Kind.OPTION) {
            options.add(option());
        }
        final Shell prepare = shell();
        final List<Event> events = new ArrayList<>();
        while (tokens.peek().kind() != Kind.END && tokens.peek().kind() != Kind.COMMAND) {
            events.add(event());
        }
        if (events.isEmpty()) {
            throw tokens.wrong("the time of an event");
        }
        inOrder(events);
        final Shell cleanUp = shell();
        if (tokens.peek().kind() != Kind.END) {
            throw tokens.wrong("the time of an event");
        }
        return new Script(List.copyOf(options), prepare, List.copyOf(events), cleanUp);
    }

    /** Refuses what begins later than at 0, and times since then that go back. */
    private static void inOrder(final List<Event> events) {
        Event before = events.getFirst();
        if (before.from() != 0) {
            throw ScriptException.malformed(before.line(), "first event should be at time 0");
        }
        for (final Event event : events) {
            if (before.isAbsolute() && event.isAbsolute() && event.from() < before.from()) {
                throw ScriptException.malformed(
                        event.line(),
                        "time goes backward in script from " + before.from() + " usec to " + event.from() + " usec");
            }
            before = event;
        }
    }

    private Option option() {
        final Token name = tokens.take();
        final String value = tokens.peek().kind() == Kind.STRING ? tokens.take().text() : "";
        return new Option(name.line(), name.text(), value);
    }

    private @Nullable Shell shell() {
        if (tokens.peek().kind() != Kind.COMMAND) {
            return null;
        }
        final Token command = tokens.take();
        return new Shell(command.line(), command.text());
    }

    private Event event() {
        final int line = tokens.peek().line();
        if (tokens.takeIf("*")) {
            return checked(new Event(line, Timing.ANY, 0, 0, action()));
        }
        final boolean relative = tokens.takeIf("+");
        final long from = time();
        if (!tokens.takeIf("~")) {
            return new Event(line, relative ? Timing.RELATIVE : Timing.ABSOLUTE, from, from, action());
        }
        if (relative != tokens.takeIf("+")) {
            throw tokens.wrong("a range with both ends of the same kind");
        }
        final long to = time();
        if (to < from) {
            throw ScriptException.malformed(line, "time range is backwards");
        }
        return checked(new Event(line, relative ? Timing.RELATIVE_RANGE : Timing.ABSOLUTE_RANGE, from, to, action()));
    }

    private static Event checked(final Event event) {
        if (event.action() instanceof Event.Packet packet && packet.outbound()) {
            return event;
        }
        throw ScriptException.malformed(
                event.line(),
                (event.timing() == Timing.ANY ? "event time <star>" : "event time range")
                        + " can only be used with outbound packets");
    }

    private long time() {
        final Token token = tokens.peek();
        if (token.kind() != Kind.FLOAT && token.kind() != Kind.INTEGER) {
            throw tokens.wrong("the time of an event");
        }
        final double seconds = Double.parseDouble(tokens.take().text());
        if (seconds < 0) {
            throw ScriptException.malformed(token.line(), "negative time");
        }
        if (seconds > MOST_SECONDS) {
            throw ScriptException.malformed(token.line(), "time out of range: " + token.text());
        }
        return Math.round(seconds * MICROS);
    }

    private Action action() {
        final Token first = tokens.peek();
        return switch (first.kind()) {
            case COMMAND -> new Event.Command(tokens.take().text());
            case CODE -> new Event.Code(tokens.take().text().strip());
            case ELLIPSIS, WORD -> call();
            default -> {
                if (!first.is("<") && !first.is(">")) {
                    throw tokens.wrong("a packet, a system call or a command");
                }
                yield packets.packet();
            }
        };
    }

    private Call call() {
        long until = -1;
        if (tokens.peek().kind() == Kind.ELLIPSIS) {
            tokens.take();
            until = time();
        }
        final String name = tokens.word();
        final List<Expression> arguments = arguments();
        tokens.expect("=");
        final int line = tokens.peek().line();
        final Expression result = expression();
        String errno = null;
        if (tokens.peek().kind() == Kind.WORD && tokens.peek().line() == line) {
            if (!ERRNO.matcher(tokens.peek().text()).matches()) {
                throw tokens.wrong("the name of an error");
            }
            errno = tokens.word();
        }
        if (tokens.peek().is("(")) {
            note();
        }
        return new Call(until, name, arguments, result, errno);
    }

    private List<Expression> arguments() {
        tokens.expect("(");
        return list(")");
    }

    /** Expressions up to a symbol, which is taken too. */
    private List<Expression> list(final String end) {
        final List<Expression> list = new ArrayList<>();
        if (tokens.takeIf(end)) {
            return list;
        }
        do {
            list.add(expression());
        } while (tokens.takeIf(","));
        tokens.expect(end);
        return List.copyOf(list);
    }

    /** The meaning of an error or of a number, in words that nobody compares. */
    private void note() {
        while (!tokens.takeIf(")")) {
            if (tokens.take().kind() == Kind.END) {
                throw tokens.wrong("')'");
            }
        }
    }

    private Expression expression() {
        Expression left = single();
        while (tokens.takeIf("|")) {
            left = new Expression.Or(left, single());
        }
        return left;
    }

    private Expression single() {
        final Token token = tokens.peek();
        return switch (token.kind()) {
            case ELLIPSIS -> {
                tokens.take();
                yield new Expression.Anything();
            }
            case INTEGER, HEX -> new Expression.Literal(tokens.take().number());
            case STRING -> text();
            case WORD -> named();
            default -> {
                if (tokens.takeIf("[")) {
                    yield new Expression.Items(list("]"));
                }
                if (tokens.takeIf("{")) {
                    yield new Expression.Fields(list("}"));
                }
                throw tokens.wrong("an expression");
            }
        };
    }

    private Expression text() {
        final StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Kind.STRING) {
            text.append(tokens.take().text());
        }
        if (tokens.peek().kind() == Kind.ELLIPSIS) {
            tokens.take();
        }
        return new Expression.Text(text.toString());
    }

    private Expression named() {
        final int line = tokens.peek().line();
        final String name = tokens.word();
        final boolean applied = tokens.peek().is("(");
        final List<Expression> arguments = applied ? arguments() : List.of();
        if (tokens.takeIf("=")) {
            if (applied && arguments.size() != 1) {
                throw ScriptException.malformed(line, "expected one length of the field " + name);
            }
            return new Expression.Assigned(name, applied ? arguments.getFirst() : null, expression());
        }
        return applied ? new Expression.Applied(name, arguments) : new Expression.Name(name);
    }
}
