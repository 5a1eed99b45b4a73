package io.millrace.dataplane.filter;

import java.util.List;

/** The pieces of an expression, read from the first to the last. */
final class Tokens {
    private final String expression;
    private final List<Token> tokens;
    private int next;

    Tokens(final String expression) {
        this.expression = expression;
        this.tokens = Lexer.tokens(expression);
    }

    Token peek() {
        return tokens.get(next);
    }

    /** The piece behind the next one. */
    Token second() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token take() {
        final Token token = tokens.get(next);
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    /** Takes the next piece if it is one of these. */
    boolean take(final String... texts) {
        for (final String text : texts) {
            if (peek().is(text)) {
                next++;
                return true;
            }
        }
        return false;
    }

    void expect(final String text) {
        if (!take(text)) {
            throw wrong("expected '" + text + "'");
        }
    }

    int position() {
        return next;
    }

    /** Goes back to where it was. */
    void back(final int position) {
        next = position;
    }

    /** What is wrong with the next piece. */
    FilterException wrong(final String what) {
        return wrong(peek(), what);
    }

    FilterException wrong(final Token token, final String what) {
        return new FilterException(
                "filter '" + expression.strip() + "' at character " + (token.at() + 1) + ", " + token + ": " + what);
    }
}
