package io.millrace.config.tcp;

/**
 * The value of a {@link TcpSetting}: a number or, for keys, a text.
 *
 * @param number microseconds, bytes, a count, 1 and 0 for yes and no, or a word's place; 0 if it is a text
 * @param text a text; empty if it is a number
 */
public record TcpValue(long number, String text) {
    /** A number. */
    public static TcpValue of(long number) {
        return new TcpValue(number, "");
    }

    /** A text. */
    public static TcpValue of(String text) {
        return new TcpValue(0, text);
    }
}
