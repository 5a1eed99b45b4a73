package io.millrace.bench.packetdrill.script;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An argument or a result of a system call. {@link Object#toString()} writes it as a script does. */
public sealed interface Expression {
    /** Three dots: whatever there is, or what the runner fills in. */
    record Anything() implements Expression {
        @Override
        public String toString() {
            return "...";
        }
    }

    /** A number. */
    record Literal(long value) implements Expression {
        @Override
        public String toString() {
            return Long.toString(value);
        }
    }

    /** A name, of a constant for instance. */
    record Name(String name) implements Expression {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Quoted text, escapes as they stand. */
    record Text(String text) implements Expression {
        @Override
        public String toString() {
            return '"' + text + '"';
        }
    }

    /** In brackets: an array. */
    record Items(List<Expression> items) implements Expression {
        @Override
        public String toString() {
            return items.stream().map(Expression::toString).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** In braces: a structure. */
    record Fields(List<Expression> fields) implements Expression {
        /** The value of the field of a name, or null if there is none. */
        public @Nullable Expression field(final String name) {
            for (final Expression field : fields) {
                if (field instanceof Assigned assigned && assigned.name().equals(name)) {
                    return assigned.value();
                }
            }
            return null;
        }

        /** The number in parentheses between the name of a field and its value; null if none is there. */
        public @Nullable Expression count(final String name) {
            for (final Expression field : fields) {
                if (field instanceof Assigned assigned && assigned.name().equals(name)) {
                    return assigned.count();
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return fields.stream().map(Expression::toString).collect(Collectors.joining(", ", "{", "}"));
        }
    }

    /**
     * A field with its value.
     *
     * @param count how long it is, in parentheses behind the name; null if that is not said
     */
    record Assigned(String name, @Nullable Expression count, Expression value) implements Expression {
        @Override
        public String toString() {
            return name + (count == null ? "" : "(" + count + ")") + "=" + value;
        }
    }

    /** A function or macro with arguments: {@code htons(80)}. */
    record Applied(String name, List<Expression> arguments) implements Expression {
        @Override
        public String toString() {
            return name + arguments.stream().map(Expression::toString).collect(Collectors.joining(", ", "(", ")"));
        }
    }

    /** Flags of both. */
    record Or(Expression left, Expression right) implements Expression {
        @Override
        public String toString() {
            return left + "|" + right;
        }
    }
}
