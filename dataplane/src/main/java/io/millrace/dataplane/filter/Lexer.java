package io.millrace.dataplane.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts an expression into pieces. */
final class Lexer {
    /**
     * A MAC address before an IPv6 address before a word; each as long as it may be. A word does not end with a hyphen.
     */
    private static final Pattern WORD = Pattern.compile("(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}(?![0-9A-Za-z:])"
            + "|(?=[0-9A-Fa-f:.]*::|(?:[0-9A-Fa-f]{1,4}:){6})[0-9A-Fa-f:]+(?:\\d+\\.\\d+\\.\\d+\\.\\d+)?"
            + "|\\\\?[0-9A-Za-z](?:[-_.0-9A-Za-z]*[.0-9A-Za-z])?");

    /** So that neither reading nor matching goes deep. */
    private static final int MOST = 1_000;

    private static final Pattern SYMBOL = Pattern.compile("&&|\\|\\||<<|>>|<=|>=|!=|==|[!()\\[\\]/:&|^+\\-*%<>=]");

    private Lexer() {}

    /** The pieces, the last of which is the end. */
    static List<Token> tokens(final String text) {
        final List<Token> tokens = new ArrayList<>();
        final Matcher word = WORD.matcher(text);
        final Matcher symbol = SYMBOL.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (tokens.size() == MOST) {
                throw new FilterException("a filter has " + MOST + " words and symbols at most; this has more");
            }
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (word.region(at, text.length()).lookingAt()) {
                tokens.add(new Token(Token.Kind.WORD, word.group().replaceFirst("^\\\\", ""), at));
                at = word.end();
            } else if (symbol.region(at, text.length()).lookingAt()) {
                tokens.add(new Token(Token.Kind.SYMBOL, symbol.group(), at));
                at = symbol.end();
            } else {
                throw new FilterException("'" + text.charAt(at) + "' at character " + (at + 1)
                        + " means nothing in a filter; see man pcap-filter");
            }
        }
        tokens.add(new Token(Token.Kind.END, "", text.length()));
        return tokens;
    }
}
