package io.millrace.bench.packetdrill.script;

import io.millrace.bench.packetdrill.script.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a script into words. Comments are those of C, C++ and the shell. */
final class Lexer {
    // All that goes on for as long as a text does is possessive: otherwise each turn takes a frame of the stack.
    private static final Pattern SPACE = Pattern.compile("(?:\\s+|//[^\\n]*|#[^\\n]*|/\\*.*?\\*/)++", Pattern.DOTALL);
    private static final Pattern OPTION = Pattern.compile("--[a-zA-Z0-9_]+");
    private static final Pattern EQUALS = Pattern.compile("[ \\t]*=[ \\t]*");
    private static final Pattern FLOAT = Pattern.compile("-?[0-9]*\\.[0-9]+");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]+");
    /** Only what a name stands for is read so; in the script itself such a number is decimal. */
    private static final Pattern OCTAL = Pattern.compile("-?0[0-7]+");

    private static final int OCTAL_BASE = 8;
    private static final Pattern WORD = Pattern.compile("[a-zA-Z0-9_]+");
    private static final Pattern STRING = Pattern.compile("\"(?:\\\\.|[^\"\\\\])*+\"", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("`(?:\\\\.|[^`\\\\])*+`", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("%\\{.*?\\}%", Pattern.DOTALL);
    /** The value of an option is whatever stands there without a space; quotes around all of it do not belong to it. */
    private static final Pattern VALUE = Pattern.compile("(?:\"[^\"]*\"|`[^`]*`|[^\\s\"`])*+");

    private final String text;
    private final Map<String, String> defines;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    private Lexer(final String text, final Map<String, String> defines) {
        this.text = text;
        this.defines = defines;
    }

    /**
     * Cuts a text.
     *
     * @param defines what stands for what, from outside; {@code --define} of the script itself adds to it
     */
    static List<Token> tokens(final String text, final Map<String, String> defines) {
        final Lexer lexer = new Lexer(Conditions.apply(text, defines.keySet()), defines);
        while (lexer.next()) {
            // next() keeps what it finds
        }
        return lexer.tokens;
    }

    private boolean next() {
        skip(match(SPACE));
        if (at == text.length()) {
            add(Kind.END, "");
            return false;
        }
        final char first = text.charAt(at);
        if (first == '"') {
            quoted(Kind.STRING, STRING, 1);
        } else if (first == '`') {
            quoted(Kind.COMMAND, COMMAND, 1);
        } else if (text.startsWith("%{", at)) {
            quoted(Kind.CODE, CODE, 2);
        } else if (text.startsWith("...", at)) {
            add(Kind.ELLIPSIS, "...");
            skip(3);
        } else if (match(OPTION) > 0) {
            option();
        } else {
            longest(first);
        }
        return true;
    }

    private void option() {
        final int length = match(OPTION);
        add(Kind.OPTION, text.substring(at + 2, at + length));
        skip(length);
        final int equalsSign = match(EQUALS);
        if (equalsSign > 0) {
            skip(equalsSign);
            final int value = match(VALUE);
            final String given = unquoted(text.substring(at, at + value));
            add(Kind.STRING, given);
            if (tokens.get(tokens.size() - 2).text().equals("define")) {
                final int equals = given.indexOf('=');
                defines.put(
                        equals < 0 ? given : given.substring(0, equals),
                        equals < 0 ? "1" : given.substring(equals + 1));
            }
            skip(value);
        }
    }

    private static String unquoted(final String value) {
        final boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private void longest(final char first) {
        final int asFloat = match(FLOAT);
        final int asInteger = match(INTEGER);
        final int asHex = match(HEX);
        final int asWord = match(WORD);
        final int most = Math.max(Math.max(asFloat, asInteger), Math.max(asHex, asWord));
        if (most <= 0) {
            add(Kind.SYMBOL, String.valueOf(first));
            skip(1);
            return;
        }
        final String found = text.substring(at, at + most);
        if (most == asFloat) {
            add(Kind.FLOAT, found);
        } else if (most == asInteger) {
            add(Kind.INTEGER, found);
        } else if (most == asHex) {
            add(Kind.HEX, found);
        } else {
            word(found);
        }
        skip(most);
    }

    private void word(final String found) {
        final String value = defines.get(found);
        if (value == null) {
            add(Kind.WORD, found);
        } else if (value.startsWith("\"") && value.endsWith("\"") && value.length() > 1) {
            add(Kind.STRING, value.substring(1, value.length() - 1));
        } else if (value.startsWith("`") && value.endsWith("`") && value.length() > 1) {
            add(Kind.COMMAND, value.substring(1, value.length() - 1));
        } else if (HEX.matcher(value).matches()) {
            add(Kind.HEX, value);
        } else if (OCTAL.matcher(value).matches()) {
            add(Kind.INTEGER, new BigInteger(value, OCTAL_BASE).toString());
        } else {
            add(INTEGER.matcher(value).matches() ? Kind.INTEGER : Kind.WORD, value);
        }
    }

    private void quoted(final Kind kind, final Pattern pattern, final int quote) {
        final int length = match(pattern);
        if (length <= 0) {
            throw ScriptException.malformed(line, "the quote that begins here has no end");
        }
        add(kind, text.substring(at + quote, at + length - quote));
        skip(length);
    }

    private int match(final Pattern pattern) {
        final Matcher matcher = pattern.matcher(text).region(at, text.length());
        return matcher.lookingAt() ? matcher.end() - at : 0;
    }

    private void add(final Kind kind, final String found) {
        tokens.add(new Token(kind, found, line));
    }

    private void skip(final int count) {
        for (int i = 0; i < count; i++) {
            if (text.charAt(at++) == '\n') {
                line++;
            }
        }
    }
}
