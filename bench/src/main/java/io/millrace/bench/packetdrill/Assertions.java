package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Python of scripts as far as they need it: {@code assert} and assignments with arithmetic, comparisons (chained ones
 * too) and {@code and}, {@code or}, {@code not}. {@code print} is left out.
 */
final class Assertions {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(0x[0-9a-fA-F]+|[0-9]+(?:\\.[0-9]+)?(?:e[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|'[^']*'|\"[^\"]*\""
                    + "|<<|>>|<=|>=|==|!=|\\*\\*|//|\\S)");
    /** A backslash ends a line that goes on; packetdrill hears one at the end of all as well. */
    private static final Pattern CONTINUED = Pattern.compile("\\\\\\s*(?:\\n|$)");

    /** A line up to its comment; a number sign within quotes begins none. */
    private static final Pattern CODE = Pattern.compile("(?:[^#'\"]|'[^']*'|\"[^\"]*\")*+");

    private static final List<List<String>> LEVELS = List.of(
            List.of("|"),
            List.of("^"),
            List.of("&"),
            List.of("<<", ">>"),
            List.of("+", "-"),
            List.of("*", "/", "//", "%"));
    private static final List<String> COMPARISONS = List.of("<", "<=", ">", ">=", "==", "!=");

    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Double> names;
    private int at;

    private Assertions(final String statement, final Map<String, Double> names) {
        this.names = names;
        final Matcher matcher = TOKEN.matcher(statement);
        while (matcher.lookingAt()) {
            tokens.add(matcher.group(1));
            matcher.region(matcher.end(), statement.length());
        }
        tokens.add("");
    }

    /**
     * Runs statements.
     *
     * @throws MismatchException if an assertion does not hold
     * @throws UnsupportedCallException if it is more Python than this
     */
    static void run(final String code, final Map<String, Double> names) {
        for (final String line : CONTINUED.matcher(code).replaceAll(" ").split("\\n", -1)) {
            final Matcher written = CODE.matcher(line);
            for (final String part : (written.lookingAt() ? written.group() : line).split(";", -1)) {
                final String statement = part.strip();
                if (!statement.isEmpty() && !statement.startsWith("print") && !statement.startsWith("import ")) {
                    new Assertions(statement, names).statement(statement);
                }
            }
        }
    }

    private void statement(final String text) {
        if (accept("assert")) {
            final double value = any();
            final String comment = accept(",") ? comment() : "";
            end(text);
            if (value == 0) {
                throw new MismatchException("AssertionError" + comment + " in '" + text + "'");
            }
            return;
        }
        final String name = tokens.get(at);
        if (tokens.size() > 2 && tokens.get(at + 1).equals("=") && Character.isLetter(name.charAt(0))) {
            at += 2;
            names.put(name, any());
            end(text);
            return;
        }
        throw new UnsupportedCallException("the Python statement '" + text + "'");
    }

    private String comment() {
        if (tokens.get(at).startsWith("'") || tokens.get(at).startsWith("\"")) {
            at = tokens.size() - 1;
            return "";
        }
        final StringBuilder values = new StringBuilder(": ");
        accept("(");
        do {
            values.append(text(any())).append(' ');
        } while (accept(","));
        accept(")");
        return values.toString().stripTrailing();
    }

    private static String text(final double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private void end(final String text) {
        if (!tokens.get(at).isEmpty()) {
            throw new UnsupportedCallException("the Python statement '" + text + "'");
        }
    }

    private double any() {
        double value = all();
        while (accept("or")) {
            final double right = all();
            value = value != 0 ? value : right;
        }
        return value;
    }

    private double all() {
        double value = not();
        while (accept("and")) {
            final double right = not();
            value = value != 0 ? right : 0;
        }
        return value;
    }

    private double not() {
        if (accept("not")) {
            return not() == 0 ? 1 : 0;
        }
        double left = operation(0);
        if (!COMPARISONS.contains(tokens.get(at))) {
            return left;
        }
        boolean holds = true;
        while (COMPARISONS.contains(tokens.get(at))) {
            final String comparison = tokens.get(at++);
            final double right = operation(0);
            holds &= switch (comparison) {
                case "<" -> left < right;
                case "<=" -> left <= right;
                case ">" -> left > right;
                case ">=" -> left >= right;
                case "==" -> left == right;
                default -> left != right;
            };
            left = right;
        }
        return holds ? 1 : 0;
    }

    private double operation(final int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        double value = operation(level + 1);
        while (LEVELS.get(level).contains(tokens.get(at))) {
            final String operator = tokens.get(at++);
            final double right = operation(level + 1);
            value = switch (operator) {
                case "|" -> (long) value | (long) right;
                case "^" -> (long) value ^ (long) right;
                case "&" -> (long) value & (long) right;
                case "<<" -> (long) value << (long) right;
                case ">>" -> (long) value >> (long) right;
                case "+" -> value + right;
                case "-" -> value - right;
                case "*" -> value * right;
                case "/" -> value / right;
                case "//" -> Math.floor(value / right);
                default -> value - right * Math.floor(value / right);
            };
        }
        return value;
    }

    private double unary() {
        if (accept("-")) {
            return -unary();
        }
        if (accept("~")) {
            return ~(long) unary();
        }
        final double base = primary();
        return accept("**") ? Math.pow(base, unary()) : base;
    }

    private double primary() {
        final String token = tokens.get(at);
        at = Math.min(at + 1, tokens.size() - 1);
        if (token.equals("(")) {
            final double value = any();
            if (!accept(")")) {
                throw new UnsupportedCallException("Python with '" + tokens.get(at) + "' where ')' is wanted");
            }
            return value;
        }
        if (!token.isEmpty() && Character.isDigit(token.charAt(0))) {
            return token.startsWith("0x") ? Long.parseLong(token.substring(2), 16) : Double.parseDouble(token);
        }
        if (tokens.get(at).equals("(")) {
            return function(token);
        }
        final Double value = names.get(token);
        if (value == null) {
            throw new UnsupportedCallException("the name '" + token + "' in an assertion");
        }
        return value;
    }

    private double function(final String name) {
        at++;
        double value = any();
        while (accept(",")) {
            final double other = any();
            value = name.equals("min") ? Math.min(value, other) : Math.max(value, other);
        }
        if (!accept(")")) {
            throw new UnsupportedCallException("a call of " + name + " in an assertion");
        }
        return switch (name) {
            case "abs" -> Math.abs(value);
            case "int" -> (long) value;
            case "round" -> Math.rint(value);
            case "min", "max", "float" -> value;
            default -> throw new UnsupportedCallException("the function " + name + " in an assertion");
        };
    }

    private boolean accept(final String token) {
        if (tokens.get(at).equals(token)) {
            at++;
            return true;
        }
        return false;
    }
}
