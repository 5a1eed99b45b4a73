package io.millrace.bench.peer.twins;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of a twin after a step.
 *
 * @param answer of the call, if it was one
 * @param segments that it sent
 * @param state of its sockets
 */
record TwinLook(String answer, List<Segment> segments, String state) {
    private static final Pattern PLAIN = Pattern.compile("A \\d+\\+0( a\\d+( t\\S+)?)");
    private static final Pattern TEXT = Pattern.compile("F?A \\d+\\+[1-9].*");

    /** When a segment has to be sent. */
    enum Duty {
        NOW,
        /** Once it is time to acknowledge. */
        LATER,
        /** Not as often as the peer would like. */
        LIMITED
    }

    /** A segment that was sent, without what is each stack's own business. */
    record Segment(String text, Duty duty) {}

    /**
     * Whether no more was seen of Linux than differs from one moment to the next. What only acknowledges may come later, or
     * with text; what was said before is said again by us as often as we like, by Linux, whose limit is off, always.
     *
     * @param repeated whether we said something again in this case, so that there may be a limit
     */
    boolean equalsThatOf(TwinLook linux, boolean repeated) {
        if (!answer.equals(linux.answer) || !state.equals(linux.state)) {
            return false;
        }
        final String must = text(linux.segments, Duty.LATER);
        return text(segments, null).equals(text(linux.segments, null))
                || text(segments, Duty.LATER).equals(must)
                || (repeated
                        && text(segments, Duty.LATER)
                                .equals(text(
                                        linux.segments.stream()
                                                .filter(each -> each.duty != Duty.LIMITED)
                                                .toList(),
                                        Duty.LATER)));
    }

    private static String text(List<Segment> segments, @Nullable Duty without) {
        return segments.stream()
                .filter(each -> without == null || (each.duty != without && !isSaidWithText(segments, each)))
                .map(Segment::text)
                .collect(Collectors.joining("; "));
    }

    private static boolean isSaidWithText(List<Segment> segments, Segment segment) {
        final var plain = PLAIN.matcher(segment.text);
        return plain.matches()
                && segments.stream()
                        .anyMatch(each -> TEXT.matcher(each.text).matches() && each.text.endsWith(plain.group(1)));
    }

    @Override
    public String toString() {
        return (answer + (segments.isEmpty() ? "" : " > ") + text(segments, null) + " " + state).strip();
    }
}
