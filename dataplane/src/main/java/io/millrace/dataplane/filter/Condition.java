package io.millrace.dataplane.filter;

/** What a filter asks of a packet. */
sealed interface Condition {
    /** Holds for all packets, or for none. */
    record Always(boolean holds) implements Condition {}

    /** Both hold. The second is looked at only if the first does. */
    record And(Condition first, Condition second) implements Condition {}

    /** One of both holds. The second is looked at only if the first does not. */
    record Or(Condition first, Condition second) implements Condition {}

    /** It does not hold. */
    record Not(Condition of) implements Condition {}

    /** Two numbers compare so. */
    record Compare(Value left, Relation relation, Value right) implements Condition {}

    /** Bits of a value are as wanted, and its other bits do not count. */
    static Condition masked(final Value value, final int wanted, final int mask) {
        if (mask == 0) {
            return new Always(wanted == 0); // nothing is read, so that a packet may end before
        }
        final Value left =
                mask == -1 ? value : new Value.Arithmetic(Value.Operator.AND, value, new Value.Constant(mask));
        return new Compare(left, Relation.EQUAL, new Value.Constant(wanted));
    }

    /** A value is this. */
    static Condition equal(final Value value, final int wanted) {
        return masked(value, wanted, -1);
    }

    /** This and another. */
    default Condition and(final Condition other) {
        return new And(this, other);
    }

    /** This or another. */
    default Condition or(final Condition other) {
        return new Or(this, other);
    }

    /**
     * How numbers compare, unsigned. The machine has only some of these; of the others it has the opposite.
     */
    enum Relation {
        EQUAL(Program.JEQ, false),
        NOT_EQUAL(Program.JEQ, true),
        GREATER(Program.JGT, false),
        GREATER_OR_EQUAL(Program.JGE, false),
        LESS(Program.JGE, true),
        LESS_OR_EQUAL(Program.JGT, true);

        final int instruction;
        final boolean opposite;

        Relation(final int instruction, final boolean opposite) {
            this.instruction = instruction;
            this.opposite = opposite;
        }
    }
}
