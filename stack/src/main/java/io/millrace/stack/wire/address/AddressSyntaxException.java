package io.millrace.stack.wire.address;

import java.io.Serial;

/** Text that is not an address. The message names the text, the character where it stops making sense, and why. */
public final class AddressSyntaxException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String input;
    private final int index;

    AddressSyntaxException(final String what, final String input, final int index, final String reason) {
        super("\"" + input + "\" is not " + what + ": " + reason + " at character " + (index + 1));
        this.input = input;
        this.index = index;
    }

    /** The text. */
    public String input() {
        return input;
    }

    /** Index of the first character that does not fit, from 0; the text's length if something is missing at its end. */
    public int index() {
        return index;
    }
}
