package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import io.millrace.bench.packetdrill.script.ScriptException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** What a shell calculates within <code>$((</code> and <code>))</code>: whole numbers, without variables. */
final class ShellArithmetic {
    private static final Pattern SUM = Pattern.compile("\\$\\(\\(([-+*/%<>&|^()0-9a-fA-Fx\\s]+?)\\)\\)");
    private static final String VALUE = "value";

    private ShellArithmetic() {}

    /**
     * A text with the values in the place of the sums.
     *
     * @throws ScriptException if one is none
     */
    static String expand(final int line, final String text) {
        return SUM.matcher(text).replaceAll(sum -> {
            final Map<String, Double> names = new HashMap<>();
            try {
                Assertions.run(VALUE + " = " + sum.group(1).replace("/", "//"), names);
            } catch (final MismatchException | UnsupportedCallException e) {
                throw ScriptException.unsupported(line, "what a shell makes of '" + sum.group() + "'");
            }
            return Long.toString(names.getOrDefault(VALUE, 0.0).longValue());
        });
    }
}
