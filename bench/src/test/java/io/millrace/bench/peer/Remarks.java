package io.millrace.bench.peer;

import io.millrace.testkit.PacketCapture;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What tshark's experts may say of TCP segments of ours on a wire that loses and reorders, and what they may not. */
final class Remarks {
    private static final List<String> EXPLAINED = List.of(
            // Events, not faults.
            "Connection establish request",
            "Connection establish acknowledge",
            "Connection finish",
            "This frame initiates the connection closing",
            "This frame undergoes the connection closing",
            "TCP window update",
            "TCP window specified by the receiver is now completely full",
            "TCP Zero Window Probe", // Linux's program was slow to read
            // Sent again since it, or its acknowledgment, was lost or late.
            "This frame is a (suspected) retransmission",
            "This frame is a (suspected) fast retransmission",
            "This frame is a (suspected) spurious retransmission",
            "This frame is a (suspected) out-of-order segment",
            // What Linux sent came late, came twice, or not at all.
            "Duplicate ACK",
            "D-SACK Sequence",
            "ACK to a TCP keep-alive segment",
            // Said, too, when a segment closes a gap that begins or ends elsewhere; see Acknowledgments for whether it
            // is so.
            "ACKed segment that wasn't captured",
            // A packet that was still under way when its connection had ended.
            "Connection reset (RST)");

    private Remarks() {}

    /**
     * Remarks that nothing explains. Asserts as well that what we acknowledged had come.
     *
     * @param alsoExplained how others may begin
     */
    static Set<String> unexplained(PacketCapture capture, String... alsoExplained)
            throws IOException, InterruptedException {
        Acknowledgments.assertOnlyForWhatCame(capture);
        final Set<String> unexplained = new TreeSet<>();
        for (final String remarks : capture.remarks(OurHost.MAC)) {
            for (final String remark : remarks.split(",", -1)) {
                if (EXPLAINED.stream().noneMatch(remark::startsWith)
                        && List.of(alsoExplained).stream().noneMatch(remark::startsWith)) {
                    unexplained.add(remark);
                }
            }
        }
        return unexplained;
    }
}
