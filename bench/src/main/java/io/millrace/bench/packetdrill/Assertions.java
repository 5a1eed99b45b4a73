package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Python of scripts as far as they need it: {@code assert} and assignments (augmented ones too) with arithmetic,
 * comparisons (chained ones too), {@code in}, {@code and}, {@code or}, {@code not} and {@code if} ... {@code else} within an
 * expression. {@code print} is left out.
 */
final class Assertions {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(0x[0-9a-fA-F]+|[0-9]+(?:\\.[0-9]+)?(?:e[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|'[^']*'|\"[^\"]*\""
                    + "|(?:<<|>>|\\*\\*|//|[-+*/%&|^])=|<<|>>|<=|>=|==|!=|\\*\\*|//|\\S)");
    /** A backslash ends a line that goes on; packetdrill hears one at the end of all as well. */
    private static final Pattern CONTINUED = Pattern.compile("\\\\\\s*(?:\\n|$)");

    private static final List<List<String>> LEVELS = List.of(
            List.of("|"),
            List.of("^"),
            List.of("&"),
            List.of("<<", ">>"),
            List.of("+", "-"),
            List.of("*", "/", "//", "%"));
    private static final List<String> COMPARISONS = List.of("<", "<=", ">", ">=", "==", "!=", "in", "not");

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
     * @param names what is known by name; assignments change it
     * @throws MismatchException if an assertion does not hold
     * @throws UnsupportedCallException if it is more Python than this
     */
    static void run(final String code, final Map<String, Double> names) {
        for (final String statement : statements(CONTINUED.matcher(code).replaceAll(" "))) {
            if (!statement.isEmpty() && !statement.startsWith("print") && !statement.startsWith("import ")) {
                new Assertions(statement, names).statement(statement);
            }
        }
    }

    /** The statements of a text, without comments; one goes on as long as a bracket is open. */
    private static List<String> statements(final String code) {
        final List<String> statements = new ArrayList<>();
        final StringBuilder statement = new StringBuilder();
        int depth = 0;
        int at = 0;
        while (at < code.length()) {
            final char letter = code.charAt(at);
            final int quoteEnd = letter == '"' || letter == '\'' ? code.indexOf(letter, at + 1) : -1;
            if (quoteEnd >= 0) {
                statement.append(code, at, quoteEnd + 1);
                at = quoteEnd + 1;
                continue;
            }
            if (letter == '#') {
                final int lineEnd = code.indexOf('\n', at);
                at = lineEnd < 0 ? code.length() : lineEnd;
                continue;
            }
            depth += "([{".indexOf(letter) >= 0 ? 1 : ")]}".indexOf(letter) >= 0 ? -1 : 0;
            if (depth <= 0 && (letter == '\n' || letter == ';')) {
                statements.add(statement.toString().strip());
                statement.setLength(0);
            } else {
                statement.append(letter == '\n' ? ' ' : letter);
            }
            at++;
        }
        statements.add(statement.toString().strip());
        return statements;
    }

    private void statement(final String text) {
        if (accept("assert")) {
            if (expression() == 0) {
                throw new MismatchException("AssertionError" + comment() + " in '" + text + "'");
            }
            if (!tokens.get(at).equals(",")) {
                end(text);
            }
            return;
        }
        final String name = tokens.get(at);
        final String assignment = tokens.get(Math.min(at + 1, tokens.size() - 1));
        final boolean augmented = assignment.length() > 1 && !COMPARISONS.contains(assignment);
        if (Character.isLetter(name.charAt(0)) && assignment.endsWith("=") && (augmented || assignment.equals("="))) {
            at += 2;
            final double value = expression();
            end(text);
            names.put(
                    name,
                    augmented
                            ? calculate(assignment.substring(0, assignment.length() - 1), named(name), value)
                            : value);
            return;
        }
        throw new UnsupportedCallException("the Python statement '" + text + "'");
    }

    /** What an assertion that does not hold has to say, as far as that can be read: of text the statement tells. */
    private String comment() {
        if (!accept(",") || tokens.get(at).startsWith("'") || tokens.get(at).startsWith("\"")) {
            return "";
        }
        final StringBuilder values = new StringBuilder(": ");
        try {
            accept("(");
            do {
                values.append(text(expression())).append(' ');
            } while (accept(","));
        } catch (final UnsupportedCallException e) {
            return "";
        }
        return values.toString().stripTrailing();
    }

    private static String text(final double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private void end(final String text) {
        if (")]}".contains(tokens.get(at)) && !tokens.get(at).isEmpty()) {
            throw new MismatchException("SyntaxError: unmatched '" + tokens.get(at) + "' in '" + text + "'");
        }
        if (!tokens.get(at).isEmpty()) {
            throw new UnsupportedCallException("the Python statement '" + text + "'");
        }
    }

    private double expression() {
        final double value = any();
        if (!accept("if")) {
            return value;
        }
        final double condition = any();
        if (!accept("else")) {
            throw new UnsupportedCallException("Python with '" + tokens.get(at) + "' where 'else' is wanted");
        }
        final double otherwise = expression();
        return condition != 0 ? value : otherwise;
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
            if (comparison.equals("in") || comparison.equals("not")) {
                if (comparison.equals("not") && !accept("in")) {
                    throw new UnsupportedCallException("Python with '" + tokens.get(at) + "' where 'in' is wanted");
                }
                holds &= isAmong(left) == comparison.equals("in");
                continue;
            }
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

    /** Whether a value is among those in brackets, or in a range. */
    private boolean isAmong(final double value) {
        if (accept("range") && accept("(")) {
            final double first = expression();
            final boolean two = accept(",");
            final double last = two ? expression() : first;
            close(")");
            return value == Math.rint(value) && value >= (two ? first : 0) && value < last;
        }
        final int bracket = List.of("(", "[", "{").indexOf(tokens.get(at));
        if (bracket < 0) {
            throw new UnsupportedCallException("Python with '" + tokens.get(at) + "' where values are wanted");
        }
        at++;
        final String end = List.of(")", "]", "}").get(bracket);
        boolean found = false;
        while (!accept(end)) {
            found |= expression() == value;
            if (!accept(",")) {
                close(end);
                break;
            }
        }
        return found;
    }

    private void close(final String bracket) {
        if (tokens.get(at).isEmpty()) {
            throw new MismatchException("SyntaxError: '" + bracket + "' is wanted where the code ends");
        }
        if (!accept(bracket)) {
            throw new UnsupportedCallException(
                    "Python with '" + tokens.get(at) + "' where '" + bracket + "' is wanted");
        }
    }

    private double operation(final int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        double value = operation(level + 1);
        while (LEVELS.get(level).contains(tokens.get(at))) {
            final String operator = tokens.get(at++);
            value = calculate(operator, value, operation(level + 1));
        }
        return value;
    }

    private static double calculate(final String operator, final double left, final double right) {
        return switch (operator) {
            case "|" -> (long) left | (long) right;
            case "^" -> (long) left ^ (long) right;
            case "&" -> (long) left & (long) right;
            case "<<" -> (long) left << (long) right;
            case ">>" -> (long) left >> (long) right;
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "**" -> Math.pow(left, right);
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            default -> left - right * Math.floor(left / right);
        };
    }

    private double unary() {
        if (accept("-")) {
            return -unary();
        }
        if (accept("+")) {
            return unary();
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
            final double value = expression();
            close(")");
            return value;
        }
        if (!token.isEmpty() && Character.isDigit(token.charAt(0))) {
            return token.startsWith("0x")
                    ? new BigInteger(token.substring(2), 16).doubleValue()
                    : Double.parseDouble(token);
        }
        if (tokens.get(at).equals("(")) {
            return function(token);
        }
        return named(token);
    }

    private double named(final String name) {
        final Double value = names.get(name);
        if (name.isEmpty() || !Character.isJavaIdentifierStart(name.charAt(0))) {
            throw new MismatchException(
                    "SyntaxError: a value is wanted where " + (name.isEmpty() ? "the code ends" : "'" + name + "' is"));
        }
        if (value == null) {
            throw new UnsupportedCallException("the name '" + name + "' in an assertion");
        }
        return value;
    }

    private double function(final String name) {
        at++;
        double value = expression();
        while (accept(",")) {
            final double other = expression();
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
