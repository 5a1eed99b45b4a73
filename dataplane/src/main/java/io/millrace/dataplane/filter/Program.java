package io.millrace.dataplane.filter;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * A program of the filter machine: an accumulator, an index register, and words to put things aside in, all of 32 bits.
 * Jumps only go forward, so that every program ends. A packet that is too short for what the program reads is not
 * matched, whatever was asked, as with BPF; so is one for which it would divide by 0.
 *
 * <p>An instruction is four words: what to do, a constant, and how far to jump if a comparison holds and if it does not.
 * Immutable.
 */
final class Program {
    /** Words of an instruction. */
    static final int WORDS = 4;

    static final int RETURN = 0;

    /** A = bytes of the packet at the constant. */
    static final int LD_B = 1;

    static final int LD_H = 2;
    static final int LD_W = 3;

    /** A = bytes of the packet at the constant and X. */
    static final int LD_IND_B = 4;

    static final int LD_IND_H = 5;
    static final int LD_IND_W = 6;

    /** A = bytes of the packet; the constant; a word that was put aside. */
    static final int LD_LEN = 7;

    static final int LD_IMM = 8;
    static final int LD_MEM = 9;

    /** X = length of the IPv4 header at the constant; a word that was put aside; A. */
    static final int LDX_MSH = 10;

    static final int LDX_MEM = 11;
    static final int TAX = 12;

    /** Puts A aside. */
    static final int ST = 13;

    /** A = A and the constant; with {@link #WITH_X}, A and X. */
    static final int ADD = 16;

    static final int SUB = 17;
    static final int MUL = 18;
    static final int DIV = 19;
    static final int MOD = 20;
    static final int AND = 21;
    static final int OR = 22;
    static final int XOR = 23;
    static final int LSH = 24;
    static final int RSH = 25;

    /** Jump if A is so to the constant; with {@link #WITH_X}, to X. */
    static final int JEQ = 28;

    static final int JGT = 29;
    static final int JGE = 30;

    /** Added to arithmetic and jumps: the right side is X, not the constant. */
    static final int WITH_X = 32;

    private static final int SHIFT_BITS = 32;

    private final int[] code;
    private final int aside;

    /**
     * Makes one.
     *
     * @param code whole instructions, the last of which returns
     * @param aside how many words it puts aside at most
     */
    Program(final int[] code, final int aside) {
        this.code = code;
        this.aside = aside;
    }

    /** Words that {@link #matches} wants to put things aside in. */
    int aside() {
        return aside;
    }

    /**
     * Looks at a packet.
     *
     * @param captured bytes of it that are there
     * @param length bytes that it has
     * @param words {@link #aside} of them, with anything in them
     */
    boolean matches(
            final MemorySegment memory, final long offset, final int captured, final int length, final int[] words) {
        final int[] program = code;
        int a = 0;
        int x = 0;
        int at = 0;
        while (true) {
            final int constant = program[at + 1];
            final int what = program[at];
            switch (what) {
                case RETURN -> {
                    return constant != 0;
                }
                case LD_B, LD_H, LD_W, LD_IND_B, LD_IND_H, LD_IND_W -> {
                    final boolean indirect = what >= LD_IND_B;
                    final long from = constant + (indirect ? x & 0xFFFF_FFFFL : 0);
                    final int size = 1 << (what - (indirect ? LD_IND_B : LD_B));
                    if (from < 0 || from + size > captured) {
                        return false;
                    }
                    a = switch (size) {
                        case 1 -> Net.u8(memory, offset + from);
                        case 2 -> Net.u16(memory, offset + from);
                        default -> (int) Net.u32(memory, offset + from);
                    };
                }
                case LD_LEN -> a = length;
                case LD_IMM -> a = constant;
                case LD_MEM -> a = words[constant];
                case LDX_MSH -> {
                    if (constant >= captured) {
                        return false;
                    }
                    x = (Net.u8(memory, offset + constant) & 0xF) << 2;
                }
                case LDX_MEM -> x = words[constant];
                case TAX -> x = a;
                case ST -> words[constant] = a;
                case JEQ, JGT, JGE, JEQ + WITH_X, JGT + WITH_X, JGE + WITH_X -> {
                    final int right = what >= WITH_X ? x : constant;
                    at += WORDS * program[at + (holds(what & WITH_X - 1, a, right) ? 2 : 3)];
                }
                default -> {
                    final int right = what >= WITH_X ? x : constant;
                    final int operator = what & WITH_X - 1;
                    if (right == 0 && (operator == DIV || operator == MOD)) {
                        return false;
                    }
                    a = compute(operator, a, right);
                }
            }
            at += WORDS;
        }
    }

    private static boolean holds(final int comparison, final int left, final int right) {
        return switch (comparison) {
            case JEQ -> left == right;
            case JGT -> Integer.compareUnsigned(left, right) > 0;
            default -> Integer.compareUnsigned(left, right) >= 0;
        };
    }

    /** What the machine computes. */
    static int compute(final int operator, final int left, final int right) {
        return switch (operator) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
            case DIV -> Integer.divideUnsigned(left, right);
            case MOD -> Integer.remainderUnsigned(left, right);
            case AND -> left & right;
            case OR -> left | right;
            case XOR -> left ^ right;
            case LSH -> Integer.compareUnsigned(right, SHIFT_BITS) < 0 ? left << right : 0;
            case RSH -> Integer.compareUnsigned(right, SHIFT_BITS) < 0 ? left >>> right : 0;
            default -> throw new IllegalStateException("no instruction " + operator);
        };
    }
}
