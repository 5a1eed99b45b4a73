package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import io.millrace.bench.packetdrill.script.Event;
import io.millrace.bench.packetdrill.script.Script;
import io.millrace.bench.packetdrill.script.ScriptException;
import io.millrace.bench.packetdrill.script.ScriptParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs a script and says how it went. Each run is by itself, and always alike. */
public final class ScriptRunner {
    /** How the event behind it is to fail, as packetdrill's tests of itself say. */
    private static final Pattern FAILURE = Pattern.compile("^[ \\t]*// Failure: (.+)$", Pattern.MULTILINE);

    /** What some editors begin a text in UTF-8 with. */
    private static final String MARK = "\u00EF\u00BB\u00BF";

    /** How many frames of an unexpected exception are told. */
    private static final int TRACE = 8;

    private final Map<String, String> defines;
    private final List<Script.Option> options;

    /**
     * A runner.
     *
     * @param defines what names in scripts stand for
     * @param options set before those of a script, which may set them otherwise
     */
    public ScriptRunner(final Map<String, String> defines, final List<Script.Option> options) {
        this.defines = Map.copyOf(defines);
        this.options = List.copyOf(options);
    }

    /** Runs a script from a file. */
    public ScriptResult run(final Path file) throws IOException {
        final String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        return run(file.toString(), text.startsWith(MARK) ? text.substring(MARK.length()) : text);
    }

    /**
     * Runs a script.
     *
     * @param name what reports call it
     */
    public ScriptResult run(final String name, final String text) {
        final ScriptResult result = attempt(name, text);
        final Matcher failure = FAILURE.matcher(text);
        if (!failure.find()) {
            return result;
        }
        final long line = text.substring(0, failure.start(1)).lines().count() + 1;
        return result.failing(name + ":" + line + ": ", failure.group(1).strip());
    }

    private ScriptResult attempt(final String name, final String text) {
        try {
            final boolean freeBsd = FreeBsdSysctls.isNamedIn(text);
            final Map<String, String> known = new HashMap<>(defines);
            if (freeBsd) {
                known.putIfAbsent(FreeBsdSysctls.NAME, "1");
            }
            return run(name, ScriptParser.parse(text, known), freeBsd);
        } catch (final ScriptException e) {
            return e.isUnsupported()
                    ? ScriptResult.unsupported(name + ":" + e.line() + ": unsupported: " + e.getMessage())
                    : ScriptResult.fail(name + ":" + e.line() + ": syntax error: " + e.getMessage());
        } catch (final RuntimeException | StackOverflowError e) { // the latter where brackets are nested without end
            return unexpected(name + ":1: ", e);
        }
    }

    private ScriptResult run(final String name, final Script script, final boolean freeBsd) {
        final Settings settings = new Settings();
        settings.freeBsd = freeBsd;
        options.forEach(settings::take);
        script.options().forEach(settings::take);
        if (settings.dryRun) {
            return ScriptResult.ok();
        }
        final Sysctls sysctls = new Sysctls(settings);
        final Script.Shell prepare = script.prepare();
        if (prepare != null) {
            ShellCommands.run(prepare.line(), prepare.text(), sysctls);
        }
        try (ScriptRun run = new ScriptRun(settings, sysctls)) {
            return events(name, script, run);
        }
    }

    private static ScriptResult events(final String name, final Script script, final ScriptRun run) {
        Event current = null;
        try {
            for (final Event event : script.events()) {
                current = event;
                run.event(event);
            }
            run.end();
            return ScriptResult.ok();
        } catch (final MismatchException e) {
            final List<String> lines = e.text().lines().toList();
            final String[] report = lines.toArray(String[]::new);
            report[0] = name + ":" + run.line(current == null ? 1 : current.line()) + ": " + report[0];
            return ScriptResult.fail(report);
        } catch (final UnsupportedCallException e) {
            return ScriptResult.unsupported(
                    name + ":" + run.line(current == null ? 1 : current.line()) + ": unsupported: " + e.getMessage());
        } catch (final ScriptException e) {
            throw e;
        } catch (final RuntimeException | StackOverflowError e) {
            return unexpected(name + ":" + run.line(current == null ? 1 : current.line()) + ": ", e);
        }
    }

    /** What neither a script nor the stack should be able to cause ends one script, and not those that follow. */
    private static ScriptResult unexpected(final String prefix, final Throwable e) {
        final List<String> report = new ArrayList<>();
        String relation = prefix + "unexpected ";
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            report.add(relation + cause);
            relation = "caused by ";
            Arrays.stream(cause.getStackTrace()).limit(TRACE).forEach(frame -> report.add("  at " + frame));
        }
        return ScriptResult.fail(report.toArray(String[]::new));
    }
}
