package io.millrace.stack.wire.address;

/**
 * Parses the text forms of addresses: one pass over the characters, every refusal with the index of the character that
 * caused it. A parser is used for one text.
 */
final class AddressText {
    private static final int GROUPS = 8;

    private final String what;
    private final String text;
    private final int end;
    private int at;

    /** The address parsed last: {@code hi} is 0 for IPv4. */
    private long hi;

    private long lo;

    AddressText(final String what, final String text) {
        this(what, text, 0, text.length());
    }

    AddressText(final String what, final String text, final int from, final int end) {
        this.what = what;
        this.text = text;
        this.at = from;
        this.end = end;
    }

    /** An IPv4 address and nothing behind it. */
    Ipv4Address ipv4() {
        final int value = dottedQuad();
        atEnd();
        return new Ipv4Address(value);
    }

    /** An IPv6 address and nothing behind it. */
    Ipv6Address ipv6() {
        groups();
        atEnd();
        return new Ipv6Address(hi, lo);
    }

    /** An address of either family and nothing behind it. */
    IpAddress ip() {
        return text.indexOf(':', at) >= 0 && text.indexOf(':', at) < end ? ipv6() : ipv4();
    }

    /** A MAC address, two hexadecimal digits per octet, joined by colons or by hyphens. */
    MacAddress mac() {
        long value = 0;
        char joint = 0;
        for (int octet = 0; octet < 6; octet++) {
            if (octet > 0) {
                final char c = peek();
                if (octet == 1 ? c != ':' && c != '-' : c != joint) {
                    throw error(octet == 1 ? "expected ':' or '-'" : "expected '" + joint + "'");
                }
                joint = c;
                at++;
            }
            value = (value << 8) | ((long) hexDigit() << 4) | hexDigit();
        }
        atEnd();
        return new MacAddress(value);
    }

    /** A decimal number without leading zeros, up to the end of the text. */
    int number(final int max, final String name) {
        final int value = decimal(max, name);
        atEnd();
        return value;
    }

    /** Refuses the text at the parser's place. */
    AddressSyntaxException error(final String reason) {
        return errorAt(at, reason);
    }

    AddressSyntaxException errorAt(final int index, final String reason) {
        return new AddressSyntaxException(
                what, text, index, index >= text.length() ? reason + ", found the end" : reason);
    }

    private int dottedQuad() {
        int value = 0;
        for (int octet = 0; octet < 4; octet++) {
            if (octet > 0) {
                if (peek() != '.') {
                    throw error("expected '.' and " + (4 - octet) + " more of four numbers");
                }
                at++;
            }
            value = (value << 8) | decimal(255, "number");
        }
        return value;
    }

    /** RFC 4291 2.2: groups of hexadecimal digits, one run of zeros as {@code ::}, the last 32 bits maybe dotted. */
    private void groups() {
        final int[] group = new int[GROUPS];
        int count = 0;
        int gap = -1;
        if (peek() == ':') {
            at++;
            if (peek() != ':') {
                throw error("expected '::' or a group of digits");
            }
            at++;
            gap = 0;
        }
        while (at < end && !(gap == count && !isHex(peek()))) {
            if (count == GROUPS) {
                throw error("expected at most 8 groups");
            }
            if (dottedAhead()) {
                if (count > GROUPS - 2) {
                    throw error("no room for a dotted IPv4 address after " + count + " groups");
                }
                final int quad = dottedQuad();
                group[count++] = quad >>> 16;
                group[count++] = quad & 0xFFFF;
                break;
            }
            group[count++] = hexGroup();
            if (peek() != ':') {
                break;
            }
            at++;
            if (peek() == ':') {
                if (gap >= 0) {
                    throw error("second '::'");
                }
                gap = count;
                at++;
            } else if (!isHex(peek())) {
                throw error("expected a group of digits");
            }
        }
        if (gap < 0 && count < GROUPS) {
            throw error("expected 8 groups or '::', found " + count);
        }
        if (gap >= 0 && count == GROUPS) {
            throw errorAt(at - 1, "'::' next to 8 groups");
        }
        join(group, count, gap);
    }

    private void join(final int[] group, final int count, final int gap) {
        hi = 0;
        lo = 0;
        for (int i = 0; i < count; i++) {
            final int place = gap >= 0 && i >= gap ? GROUPS - count + i : i;
            final long bits = (long) group[i] << (48 - 16 * (place & 3));
            if (place < 4) {
                hi |= bits;
            } else {
                lo |= bits;
            }
        }
    }

    /** Whether the next group's digits are followed by a dot. */
    private boolean dottedAhead() {
        int i = at;
        while (i < end && isDigit(text.charAt(i))) {
            i++;
        }
        return i > at && i < end && text.charAt(i) == '.';
    }

    private int hexGroup() {
        final int start = at;
        int value = hexDigit();
        while (isHex(peek())) {
            if (at - start == 4) {
                throw error("expected at most 4 digits in a group");
            }
            value = (value << 4) | hexDigit();
        }
        return value;
    }

    private int hexDigit() {
        if (!isHex(peek())) {
            throw error("expected a hexadecimal digit");
        }
        return Character.digit(text.charAt(at++), 16);
    }

    private int decimal(final int max, final String name) {
        final int start = at;
        if (!isDigit(peek())) {
            throw error("expected a decimal digit");
        }
        int value = 0;
        while (isDigit(peek())) {
            if (at > start && value == 0) {
                throw errorAt(start, name + " with a leading zero");
            }
            value = value * 10 + (text.charAt(at) - '0');
            if (value > max) {
                throw errorAt(start, name + " larger than " + max);
            }
            at++;
        }
        return value;
    }

    private void atEnd() {
        if (at < end) {
            throw error(text.charAt(at) == '%' ? "unexpected zone id" : "unexpected '" + text.charAt(at) + "'");
        }
    }

    /** The next character, 0 at the end. */
    private char peek() {
        return at < end ? text.charAt(at) : 0;
    }

    private static boolean isDigit(final char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHex(final char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
