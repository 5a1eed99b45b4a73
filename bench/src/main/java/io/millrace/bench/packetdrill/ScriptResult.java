package io.millrace.bench.packetdrill;

import java.util.List;

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

    static ScriptResult unsupported(final String line) {
        return new ScriptResult(Verdict.UNSUPPORTED, List.of(line));
    }
}
