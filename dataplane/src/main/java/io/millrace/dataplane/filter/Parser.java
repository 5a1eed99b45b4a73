package io.millrace.dataplane.filter;

import io.millrace.dataplane.filter.Condition.Compare;
import io.millrace.dataplane.filter.Condition.Relation;
import io.millrace.dataplane.filter.Headers.End;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an expression. One is for one reading. */
final class Parser {
    private static final Set<String> KINDS = Set.of("host", "net", "port", "portrange", "proto");
    private static final Set<String> LINK_AND_NETWORK = Set.of("ether", "link", "ip", "ip6", "arp", "rarp");
    private static final int VLAN_MAX = 0x0FFF;

    private final Tokens tokens;
    private final Headers headers;
    private final ValueParser values;
    private final Primitives primitives;

    /** Those of the primitive before; a bare address or number after {@code and} or {@code or} takes them over. */
    private Qualifiers latest = Qualifiers.NONE;

    /**
     * What stands in front of an address or number.
     *
     * @param protocol null for none
     * @param kind {@code host}, {@code net}, {@code port}, {@code portrange} or {@code proto}; null for none
     */
    record Qualifiers(
            @Nullable String protocol, End end, @Nullable String kind) {
        static final Qualifiers NONE = new Qualifiers(null, End.EITHER, null);
    }

    Parser(final String expression, final Headers headers) {
        this.tokens = new Tokens(expression);
        this.headers = headers;
        this.values = new ValueParser(tokens, headers);
        this.primitives = new Primitives(tokens, headers);
    }

    Condition parse() {
        if (tokens.peek().kind() == Token.Kind.END) {
            return new Condition.Always(true);
        }
        final Condition condition = expression();
        if (tokens.peek().kind() != Token.Kind.END) {
            throw tokens.wrong("expected 'and' or 'or'");
        }
        return condition;
    }

    private Condition expression() {
        Condition left = term();
        while (true) {
            if (tokens.take("and", "&&")) {
                left = left.and(term());
            } else if (tokens.take("or", "||")) {
                left = left.or(term());
            } else {
                return left;
            }
        }
    }

    private Condition term() {
        if (tokens.take("not", "!")) {
            return new Condition.Not(term());
        }
        final Condition comparison = values.comparison();
        if (comparison != null) {
            return comparison;
        }
        if (tokens.take("(")) {
            final Condition inner = expression();
            tokens.expect(")");
            return inner;
        }
        return primitive();
    }

    private Condition primitive() {
        final Token token = tokens.peek();
        if (tokens.take("vlan")) {
            return vlan(token);
        }
        if (tokens.take("less", "greater")) {
            final Relation relation = token.is("less") ? Relation.LESS_OR_EQUAL : Relation.GREATER_OR_EQUAL;
            return new Compare(new Value.Length(), relation, new Value.Constant(number(0, 0xFFFF)));
        }
        final String protocol = protocol();
        final End end = end();
        final String kind = KINDS.contains(tokens.peek().text()) ? tokens.take().text() : null;
        if (end == null && kind == null) {
            final boolean broadcast = tokens.peek().is("broadcast");
            if (tokens.take("broadcast", "multicast")) {
                return primitives.group(token, protocol, broadcast);
            }
            if (protocol != null) {
                return primitives.protocol(token, protocol);
            }
            return identified(latest);
        }
        latest = new Qualifiers(protocol, end == null ? End.EITHER : end, kind);
        if (tokens.take("(")) {
            final Condition inner = expression();
            tokens.expect(")");
            return inner;
        }
        return identified(latest);
    }

    private @Nullable String protocol() {
        final String text = tokens.peek().text();
        final boolean known = Numbers.PROTOCOLS.containsKey(text) || LINK_AND_NETWORK.contains(text);
        return known ? tokens.take().text() : null;
    }

    private @Nullable End end() {
        final Token first = tokens.peek();
        if (!tokens.take("src", "dst")) {
            return null;
        }
        final String other = first.is("src") ? "dst" : "src";
        for (final String both : List.of("and", "or", "&&", "||")) {
            if (tokens.peek().is(both) && tokens.second().is(other)) {
                tokens.take();
                tokens.take();
                return both.equals("and") || both.equals("&&") ? End.BOTH : End.EITHER;
            }
        }
        return first.is("src") ? End.SOURCE : End.DESTINATION;
    }

    private Condition vlan(final Token at) {
        if (!headers.isEthernet()) {
            throw tokens.wrong(at, "packets here have no Ethernet header");
        }
        final boolean numbered = Numbers.number(tokens.peek().text()).isPresent();
        return headers.vlan(numbered ? number(0, VLAN_MAX) : null);
    }

    private int number(final int low, final int high) {
        final Token token = tokens.take();
        final OptionalLong number = Numbers.number(token.text());
        if (number.isEmpty() || number.getAsLong() < low || number.getAsLong() > high) {
            throw tokens.wrong(token, "expected a number from " + low + " to " + high);
        }
        return (int) number.getAsLong();
    }

    /** An address, number or range, as its qualifiers want it. */
    private Condition identified(final Qualifiers of) {
        final Token token = tokens.peek();
        if (token.kind() != Token.Kind.WORD) {
            throw tokens.wrong("expected an address, a number, or a word such as host, net, port or tcp");
        }
        final String kind = of.kind();
        return switch (kind) {
            case null -> primitives.host(of, false);
            case "host" -> primitives.host(of, false);
            case "net" -> primitives.host(of, true);
            case "port", "portrange" -> primitives.ports(of);
            default -> primitives.number(of);
        };
    }
}
