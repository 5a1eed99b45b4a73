package io.millrace.bench.packetdrill;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How a script went.
 *
 * @param verdict in a word
 * @param lines what went wrong, as packetdrill reports it: the first begins with {@code script:line:}
 */
public record ScriptResult(Verdict verdict, List<String> lines) {
    /** Ways to go. */
    public enum Verdict {
        /** Everything happened as the script says. */
        OK,
        /** Something did not. */
        FAIL,
        /** It asks for something that there is none of here, so nothing is known. */
        UNSUPPORTED
    }

    static ScriptResult ok() {
        return new ScriptResult(Verdict.OK, List.of());
    }

    static ScriptResult fail(final String... lines) {
        return new ScriptResult(Verdict.FAIL, List.of(lines));
    }

    /**
     * How a script went that is to fail: well if it did, and as it says.
     *
     * @param prefix what the report begins with if it failed where it should
     * @param report regular expression of what comes then
     */
    ScriptResult failing(final String prefix, final String report) {
        return switch (verdict) {
            case UNSUPPORTED -> this;
            case OK -> fail(prefix + "no failure, but expected: " + report);
            case FAIL -> {
                final String first = lines.getFirst();
                yield first.startsWith(prefix)
                                && expression(report)
                                        .matcher(first.substring(prefix.length()))
                                        .matches()
                        ? ok()
                        : this;
            }
        };
    }

    /** What is no expression stands for itself. */
    private static Pattern expression(final String report) {
        try {
            return Pattern.compile(report);
        } catch (final PatternSyntaxException e) {
            return Pattern.compile(report, Pattern.LITERAL);
        }
    }

    static ScriptResult unsupported(final String line) {
        return new ScriptResult(Verdict.UNSUPPORTED, List.of(line));
    }
}
