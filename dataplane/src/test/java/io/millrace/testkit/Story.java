package io.millrace.testkit;

import java.util.ArrayDeque;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The last things that happened in a test with chances, told with the promise that they broke. */
public final class Story {
    private final String who;
    private final Object drawn;
    private final int most;
    private final ArrayDeque<Told> last = new ArrayDeque<>();

    /** Something that happened. */
    private record Told(long time, String kind, Object what) {
        @Override
        public String toString() {
            return time + " " + kind + " " + what;
        }
    }

    /**
     * Begins one.
     *
     * @param who promises
     * @param drawn what chance decided at first; told with a failure
     * @param most things that are told
     */
    public Story(final String who, final Object drawn, final int most) {
        this.who = who;
        this.drawn = drawn;
        this.most = most;
    }

    /** Something happened, for whoever reads of a failure; made text only then. */
    public void tell(final long time, final String kind, final Object what) {
        if (last.size() == most) {
            last.poll();
        }
        last.add(new Told(time, kind, what));
    }

    /** A promise by its name. */
    public void promise(final boolean kept, final String name, final Supplier<String> broken) {
        if (!kept) {
            throw new AssertionError(who + " " + name + ": broken, " + broken.get() + "\nof " + drawn + "\nafter\n"
                    + last.stream().map(Told::toString).collect(Collectors.joining("\n")));
        }
    }
}
