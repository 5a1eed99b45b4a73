package io.millrace.dataplane.filter;

/** A number of 32 bits, unsigned, that a filter takes from a packet or computes. */
sealed interface Value {
    /** One that is known when the filter is compiled. */
    record Constant(int value) implements Value {}

    /** Bytes of the whole packet. */
    record Length() implements Value {}

    /**
     * Bytes of a packet, in network byte order.
     *
     * @param at offset within the packet
     * @param behindIpv4 offset of an IPv4 header whose length is added to {@code at}; -1 for none
     * @param index added to {@code at}
     * @param size 1, 2 or 4
     */
    record Load(int at, int behindIpv4, Value index, int size) implements Value {}

    /** Two numbers and an operator. */
    record Arithmetic(Operator operator, Value left, Value right) implements Value {}

    /** Operators, each with the instruction that has its right side in the program. */
    enum Operator {
        ADD("+", 4, Program.ADD),
        SUBTRACT("-", 4, Program.SUB),
        MULTIPLY("*", 5, Program.MUL),
        DIVIDE("/", 5, Program.DIV),
        MODULO("%", 5, Program.MOD),
        AND("&", 2, Program.AND),
        OR("|", 1, Program.OR),
        XOR("^", 1, Program.XOR),
        SHIFT_LEFT("<<", 3, Program.LSH),
        SHIFT_RIGHT(">>", 3, Program.RSH);

        final String symbol;

        /** What binds tighter has more. */
        final int precedence;

        final int instruction;

        Operator(final String symbol, final int precedence, final int instruction) {
            this.symbol = symbol;
            this.precedence = precedence;
            this.instruction = instruction;
        }
    }
}
