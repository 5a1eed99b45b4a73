package io.millrace.bench.packetdrill.script;

/**
 * A word of a script.
 *
 * @param kind what it is
 * @param text without the quotes of what is quoted
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {
    /** Kinds of words. */
    enum Kind {
        /** {@code --name}. */
        OPTION,
        /** Decimal, maybe with a minus. */
        INTEGER,
        /** With {@code 0x}. */
        HEX,
        /** With a decimal point. */
        FLOAT,
        /** A name. */
        WORD,
        /** In double quotes. */
        STRING,
        /** In back quotes: a shell command. */
        COMMAND,
        /** Between a percent sign with a brace and its mirror image. */
        CODE,
        /** Three dots. */
        ELLIPSIS,
        /** Any other character. */
        SYMBOL,
        /** After the last word. */
        END
    }

    boolean is(final String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    boolean isWord(final String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isNumber() {
        return kind == Kind.INTEGER || kind == Kind.HEX;
    }

    /** Value of an integer; only if {@link #isNumber()}. */
    long number() {
        try {
            return kind == Kind.HEX ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
        } catch (final NumberFormatException e) {
            throw ScriptException.malformed(line, "number out of range: " + text);
        }
    }

    /** For a message about what was found where something else should be. */
    String described() {
        return kind == Kind.END ? "the end of the script" : "'" + text + "'";
    }
}
