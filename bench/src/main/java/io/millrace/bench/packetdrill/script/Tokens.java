package io.millrace.bench.packetdrill.script;

import io.millrace.bench.packetdrill.script.Token.Kind;
import java.util.List;
import java.util.Locale;

/** The words of a script, one after the other. */
final class Tokens {
    private final List<Token> tokens;
    private int at;

    Tokens(final List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peek(final int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    Token take() {
        final Token token = peek();
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    boolean takeIf(final String symbol) {
        if (peek().is(symbol)) {
            at++;
            return true;
        }
        return false;
    }

    boolean takeWord(final String word) {
        if (peek().isWord(word)) {
            at++;
            return true;
        }
        return false;
    }

    void expect(final String symbol) {
        if (!takeIf(symbol)) {
            throw wrong("'" + symbol + "'");
        }
    }

    String word() {
        if (peek().kind() != Kind.WORD) {
            throw wrong("a name");
        }
        return take().text();
    }

    long number(final String what, final long least, final long most) {
        if (!peek().isNumber()) {
            throw isDefinable(peek())
                    ? unsupported("'" + peek().text() + "' where " + what + " is wanted; give it with -D "
                            + peek().text() + "=VALUE")
                    : wrong(what);
        }
        final Token token = take();
        final long value = token.number();
        if (value < least || value > most) {
            throw ScriptException.malformed(token.line(), what + " out of range: " + value);
        }
        return value;
    }

    /** Whether a word is one that whoever runs the script is to define. */
    private static boolean isDefinable(final Token token) {
        return token.kind() == Kind.WORD
                && token.text().length() > 1 // a flag is none
                && token.text().equals(token.text().toUpperCase(Locale.ROOT));
    }

    ScriptException wrong(final String expected) {
        return ScriptException.malformed(peek().line(), "expected " + expected + ", found " + peek().described());
    }

    ScriptException unsupported(final String what) {
        return ScriptException.unsupported(peek().line(), what);
    }
}
