package io.millrace.dataplane.filter;

/**
 * A piece of an expression.
 *
 * @param kind what it is
 * @param text as it stands there
 * @param at its place, from 0
 */
record Token(Kind kind, String text, int at) {
    enum Kind {
        /** A word, a number or an address. */
        WORD,
        /** Anything else. */
        SYMBOL,
        /** Behind the last one. */
        END
    }

    boolean is(final String what) {
        return kind != Kind.END && text.equals(what);
    }

    @Override
    public String toString() {
        return kind == Kind.END ? "the end" : "'" + text + "'";
    }
}
