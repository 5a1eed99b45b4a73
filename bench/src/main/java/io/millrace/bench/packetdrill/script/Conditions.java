package io.millrace.bench.packetdrill.script;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines of a script that are there only for one system: between {@code #ifdef NAME} and {@code #else}, {@code #endif}. */
final class Conditions {
    private static final Pattern DIRECTIVE = Pattern.compile("#(ifdef|ifndef|else|endif)\\b[ \\t]*(\\w*).*");

    private Conditions() {}

    /** The text with blank lines for those that are not meant, so that all others keep their numbers. */
    static String apply(final String text, final Set<String> defined) {
        if (!text.contains("#ifdef") && !text.contains("#ifndef")) {
            return text;
        }
        final Deque<Boolean> meant = new ArrayDeque<>();
        final StringBuilder kept = new StringBuilder(text.length());
        int number = 0;
        for (final String line : text.split("\n", -1)) {
            number++;
            final Matcher directive = DIRECTIVE.matcher(line);
            if (directive.matches()) {
                follow(directive, meant, defined, number);
            } else if (!meant.contains(false)) {
                kept.append(line);
            }
            kept.append('\n');
        }
        if (!meant.isEmpty()) {
            throw ScriptException.malformed(number, "#ifdef without #endif");
        }
        return kept.substring(0, kept.length() - 1);
    }

    private static void follow(
            final Matcher directive, final Deque<Boolean> meant, final Set<String> defined, final int line) {
        final boolean known = defined.contains(directive.group(2));
        switch (directive.group(1)) {
            case "ifdef" -> meant.push(known);
            case "ifndef" -> meant.push(!known);
            case "else" -> meant.push(!innermost(meant, line));
            default -> innermost(meant, line);
        }
    }

    private static boolean innermost(final Deque<Boolean> meant, final int line) {
        if (meant.isEmpty()) {
            throw ScriptException.malformed(line, "#else or #endif without #ifdef");
        }
        return meant.pop();
    }
}
