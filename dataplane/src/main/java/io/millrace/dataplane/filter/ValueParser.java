package io.millrace.dataplane.filter;

import io.millrace.dataplane.filter.Condition.Compare;
import io.millrace.dataplane.filter.Condition.Relation;
import io.millrace.dataplane.filter.Value.Arithmetic;
import io.millrace.dataplane.filter.Value.Constant;
import io.millrace.dataplane.filter.Value.Load;
import io.millrace.dataplane.filter.Value.Operator;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads comparisons of numbers: {@code tcp[tcpflags] & tcp-syn != 0}, {@code len > 100}. */
final class ValueParser {
    private static final Map<String, Relation> RELATIONS = Map.of(
            "=", Relation.EQUAL,
            "==", Relation.EQUAL,
            "!=", Relation.NOT_EQUAL,
            ">", Relation.GREATER,
            ">=", Relation.GREATER_OR_EQUAL,
            "<", Relation.LESS,
            "<=", Relation.LESS_OR_EQUAL);

    private final Tokens tokens;
    private final Headers headers;

    /** What must hold for the bytes that were read to be there. */
    private @Nullable Condition needs;

    ValueParser(final Tokens tokens, final Headers headers) {
        this.tokens = tokens;
        this.headers = headers;
    }

    /** A comparison; null if the next pieces are none, and then they are still the next ones. */
    @Nullable
    Condition comparison() {
        if (!begins()) {
            return null;
        }
        final int start = tokens.position();
        needs = null;
        final Value left;
        try {
            left = value(1);
        } catch (final FilterException e) {
            // What opens with a parenthesis may still be a condition; what names a header's byte cannot.
            if (!tokens.peek().is("(") && !startsWithParenthesis(start)) {
                throw e;
            }
            tokens.back(start);
            return null;
        }
        final Relation relation = RELATIONS.get(tokens.peek().text());
        if (relation == null) {
            if (needs == null) {
                tokens.back(start); // a number or a parenthesis that means something else
                return null;
            }
            throw tokens.wrong("expected a comparison: = != < <= > >=");
        }
        tokens.take();
        final Compare compare = new Compare(left, relation, value(1));
        final Condition needed = needs;
        return needed == null ? compare : needed.and(compare);
    }

    private boolean startsWithParenthesis(final int start) {
        final int here = tokens.position();
        tokens.back(start);
        final boolean parenthesis = tokens.peek().is("(");
        tokens.back(here);
        return parenthesis;
    }

    private boolean begins() {
        final Token token = tokens.peek();
        return token.is("(")
                || token.is("-")
                || token.is("len")
                || tokens.second().is("[")
                || Numbers.number(token.text()).isPresent()
                || Numbers.NAMES.containsKey(token.text());
    }

    private Value value(final int precedence) {
        Value left = unary();
        while (true) {
            final Operator operator = operator();
            if (operator == null || operator.precedence < precedence) {
                return left;
            }
            final Token at = tokens.take();
            final Value right = value(operator.precedence + 1);
            left = combine(at, operator, left, right);
        }
    }

    private @Nullable Operator operator() {
        for (final Operator operator : Operator.values()) {
            if (tokens.peek().is(operator.symbol)) {
                return operator;
            }
        }
        return null;
    }

    private Value combine(final Token at, final Operator operator, final Value left, final Value right) {
        if (right instanceof Constant(int value)) {
            final boolean shift = operator == Operator.SHIFT_LEFT || operator == Operator.SHIFT_RIGHT;
            if (value == 0 && (operator == Operator.DIVIDE || operator == Operator.MODULO)) {
                throw tokens.wrong(at, "division by 0");
            }
            if (shift && Integer.compareUnsigned(value, Integer.SIZE) >= 0) {
                throw tokens.wrong(at, "a shift is by 0 to 31");
            }
            if (left instanceof Constant(int other)) {
                return new Constant(Program.compute(operator.instruction, other, value));
            }
        }
        return new Arithmetic(operator, left, right);
    }

    private Value unary() {
        final Token token = tokens.peek();
        if (tokens.take("-")) {
            return combine(token, Operator.SUBTRACT, new Constant(0), unary());
        }
        if (tokens.take("(")) {
            final Value inner = value(1);
            tokens.expect(")");
            return inner;
        }
        if (tokens.take("len")) {
            return new Value.Length();
        }
        if (tokens.second().is("[")) {
            return load(tokens.take());
        }
        final OptionalLong number = Numbers.number(token.text());
        final Integer named = Numbers.NAMES.get(token.text());
        if (number.isPresent()) {
            tokens.take();
            return new Constant((int) number.getAsLong());
        }
        if (named != null) {
            tokens.take();
            return new Constant(named);
        }
        throw tokens.wrong("expected a number, len, or bytes of a header such as ip[8] or tcp[2:2]");
    }

    /** {@code header[index:size]}. */
    private Value load(final Token header) {
        tokens.expect("[");
        final Value index = value(1);
        int size = 1;
        if (tokens.take(":")) {
            final Token token = tokens.take();
            size = switch (token.text()) {
                case "1" -> 1;
                case "2" -> 2;
                case "4" -> 4;
                default -> throw tokens.wrong(token, "1, 2 or 4 bytes can be compared");
            };
        }
        tokens.expect("]");
        if (index instanceof Constant(int value) && (value < 0 || value > 0xFFFF)) {
            throw tokens.wrong(header, "no packet has a byte " + value);
        }
        return new Load(base(header), behind(header), index, size);
    }

    private int base(final Token header) {
        return switch (header.text()) {
            case "ether", "link" -> {
                if (!headers.isEthernet()) {
                    throw tokens.wrong(header, "packets here have no Ethernet header");
                }
                yield 0;
            }
            case "ip" -> need(headers.linkType(Headers.IPV4), headers.network());
            case "ip6" -> need(headers.linkType(Headers.IPV6), headers.network());
            case "arp" -> need(headers.linkType(Headers.ARP), headers.network());
            case "rarp" -> need(headers.linkType(Headers.RARP), headers.network());
            case "icmp6" -> need(headers.ipv6Protocol(58), headers.network() + 40);
            default -> {
                final Integer protocol = Numbers.PROTOCOLS.get(header.text());
                if (protocol == null) {
                    throw tokens.wrong(header, "no header of which bytes can be compared");
                }
                yield need(headers.ipv4Protocol(protocol).and(headers.ipv4First()), headers.network());
            }
        };
    }

    private int behind(final Token header) {
        return Numbers.PROTOCOLS.containsKey(header.text()) && !header.is("icmp6") ? headers.network() : -1;
    }

    private int need(final Condition condition, final int offset) {
        needs = needs == null ? condition : needs.and(condition);
        return offset;
    }
}
