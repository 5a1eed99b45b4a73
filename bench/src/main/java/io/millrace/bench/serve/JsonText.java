package io.millrace.bench.serve;

/** Builds one JSON document (RFC 8259), indented for people. Commas and line breaks take care of themselves. */
final class JsonText {
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean first = true;

    JsonText() {}

    /** Begins the document, or an object in an array. */
    JsonText beginObject() {
        return next().open('{');
    }

    /** Begins an object that is a member. */
    JsonText beginObject(String key) {
        return key(key).open('{');
    }

    /** Ends an object. */
    JsonText endObject() {
        return close('}');
    }

    /** Begins an array that is a member. */
    JsonText beginArray(String key) {
        return key(key).open('[');
    }

    /** Ends an array. */
    JsonText endArray() {
        return close(']');
    }

    /** A member that is a whole number. */
    JsonText member(String key, long value) {
        key(key).text.append(value);
        return this;
    }

    /** A member that is text. */
    JsonText member(String key, String value) {
        return key(key).string(value);
    }

    @Override
    public String toString() {
        return text + "\n";
    }

    private JsonText key(String key) {
        next().string(key).text.append(": ");
        return this;
    }

    private JsonText next() {
        if (!first) {
            text.append(',');
        }
        first = false;
        return line();
    }

    private JsonText line() {
        if (depth > 0) {
            text.append('\n').repeat("  ", depth);
        }
        return this;
    }

    private JsonText open(char bracket) {
        text.append(bracket);
        depth++;
        first = true;
        return this;
    }

    private JsonText close(char bracket) {
        depth--;
        if (!first) {
            text.append('\n').repeat("  ", depth);
        }
        text.append(bracket);
        first = false;
        return this;
    }

    private JsonText string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                text.append(c);
            }
        }
        text.append('"');
        return this;
    }
}
