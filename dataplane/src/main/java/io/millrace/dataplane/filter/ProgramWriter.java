package io.millrace.dataplane.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns a condition into a program. */
final class ProgramWriter {
    /** A place in the program that jumps go to; known once it is reached. */
    private static final class Label {
        private final List<Integer> jumps = new ArrayList<>();
    }

    private int[] code = new int[16 * Program.WORDS];
    private int size;
    private int aside;
    private int mostAside;

    private ProgramWriter() {}

    static Program write(final Condition condition) {
        final ProgramWriter writer = new ProgramWriter();
        final Label yes = new Label();
        final Label no = new Label();
        writer.condition(condition, yes, no);
        writer.reach(yes);
        writer.add(Program.RETURN, 1);
        writer.reach(no);
        writer.add(Program.RETURN, 0);
        return new Program(Arrays.copyOf(writer.code, writer.size), writer.mostAside);
    }

    private void condition(final Condition condition, final Label yes, final Label no) {
        switch (condition) {
            case Condition.Always always -> {
                add(Program.LD_IMM, always.holds() ? 1 : 0);
                jump(Program.JEQ, 1, yes, no);
            }
            case Condition.And and -> {
                final Label next = new Label();
                condition(and.first(), next, no);
                reach(next);
                condition(and.second(), yes, no);
            }
            case Condition.Or or -> {
                final Label next = new Label();
                condition(or.first(), yes, next);
                reach(next);
                condition(or.second(), yes, no);
            }
            case Condition.Not not -> condition(not.of(), no, yes);
            case Condition.Compare compare -> compare(compare, yes, no);
        }
    }

    private void compare(final Condition.Compare compare, final Label yes, final Label no) {
        final int instruction = compare.relation().instruction;
        final Label holds = compare.relation().opposite ? no : yes;
        final Label fails = compare.relation().opposite ? yes : no;
        if (compare.right() instanceof Value.Constant constant) {
            value(compare.left());
            jump(instruction, constant.value(), holds, fails);
        } else {
            both(compare.left(), compare.right());
            jump(instruction | Program.WITH_X, 0, holds, fails);
        }
    }

    /** Leaves a value in A. */
    private void value(final Value value) {
        switch (value) {
            case Value.Constant constant -> add(Program.LD_IMM, constant.value());
            case Value.Length ignored -> add(Program.LD_LEN, 0);
            case Value.Load load -> load(load);
            case Value.Arithmetic(Value.Operator operator, Value left, Value.Constant right) -> {
                value(left);
                add(operator.instruction, right.value());
            }
            case Value.Arithmetic(Value.Operator operator, Value left, Value right) -> {
                both(left, right);
                add(operator.instruction | Program.WITH_X, 0);
            }
        }
    }

    /** Leaves one value in A and another one in X. */
    private void both(final Value left, final Value right) {
        value(right);
        final int word = putAside();
        value(left);
        add(Program.LDX_MEM, word);
        aside--;
    }

    private void load(final Value.Load load) {
        final int width = Integer.numberOfTrailingZeros(load.size());
        final boolean behind = load.behindIpv4() >= 0;
        final boolean fixed = load.index() instanceof Value.Constant;
        final int at = load.at() + (load.index() instanceof Value.Constant constant ? constant.value() : 0);
        if (fixed && !behind) {
            add(Program.LD_B + width, at);
            return;
        }
        if (fixed) {
            add(Program.LDX_MSH, load.behindIpv4());
        } else {
            value(load.index());
            if (behind) {
                final int word = putAside();
                add(Program.LDX_MSH, load.behindIpv4());
                add(Program.LD_MEM, word);
                add(Program.ADD | Program.WITH_X, 0);
                aside--;
            }
            add(Program.TAX, 0);
        }
        add(Program.LD_IND_B + width, at);
    }

    private int putAside() {
        final int word = aside++;
        mostAside = Math.max(mostAside, aside);
        add(Program.ST, word);
        return word;
    }

    private void jump(final int instruction, final int constant, final Label yes, final Label no) {
        yes.jumps.add(size + 2);
        no.jumps.add(size + 3);
        add(instruction, constant);
    }

    private void reach(final Label label) {
        for (final int jump : label.jumps) {
            code[jump] = (size - (jump & -Program.WORDS)) / Program.WORDS - 1;
        }
    }

    private void add(final int what, final int constant) {
        if (size + Program.WORDS > code.length) {
            code = Arrays.copyOf(code, 2 * code.length);
        }
        code[size] = what;
        code[size + 1] = constant;
        size += Program.WORDS;
    }
}
