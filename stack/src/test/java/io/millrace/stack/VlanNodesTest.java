package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.node.VlanPop;
import io.millrace.stack.node.VlanPush;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tags that are taken off and put on. */
final class VlanNodesTest {
    private static final String MACS = "0a0b0c0d0e0f" + "020304050607";
    private static final String REST = "0800" + "4500001c";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(16);

    private static VlanFilter filter(final String vlan) {
        return switch (vlan) {
            case "any" -> VlanFilter.ANY;
            case "5" -> VlanFilter.of(5);
            default -> VlanFilter.stacked(100, 5);
        };
    }

    /** Sends one frame through a node; returns what came out. */
    private List<String> through(final Node node, final String frame, final String reason) {
        try (NodeHarness harness = NodeHarness.of(node, cache)) {
            harness.frame(0, frame).poll(0);
            final List<String> out = harness.out("out");
            assertEquals(out.isEmpty() ? 1 : 0, harness.dropped(reason), reason);
            return out;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5, 81000005",
        "5, 8100a005",
        "100.5, 88a8006481000005",
        "100.5, 8100006481000005",
        "any, 81000009",
        "any, ''"
    })
    void shouldTakeOffTheTagsOfItsVlan(final String vlan, final String tags) {
        assertEquals(List.of(MACS + REST), through(new VlanPop("pop", filter(vlan)), MACS + tags + REST, "otherVlan"));
    }

    @ParameterizedTest
    @CsvSource({"5, 81000006", "5, ''", "5, 8100000581000006", "100.5, 81000005", "100.5, 88a8006581000005"})
    void shouldDropFramesOfOtherVlans(final String vlan, final String tags) {
        assertEquals(List.of(), through(new VlanPop("pop", filter(vlan)), MACS + tags + REST, "otherVlan"));
    }

    @ParameterizedTest
    @CsvSource({"5, 81000005", "100.5, 88a8006481000005", "any, ''"})
    void shouldPutItsTagsInFrontOfWhatIsThere(final String vlan, final String tags) {
        for (final String rest : List.of(REST, "81000007" + REST)) {
            assertEquals(
                    List.of(MACS + tags + rest),
                    through(new VlanPush("push", filter(vlan)), MACS + rest, "noRoomInFront"));
        }
    }

    @Test
    void shouldDropWhatIsTooShort() {
        assertEquals(List.of(), through(new VlanPop("pop", filter("5")), MACS, "tooShort"));
        assertEquals(List.of(), through(new VlanPop("pop", filter("5")), MACS + "810000", "tooShort"));
        assertEquals(List.of(), through(new VlanPush("push", filter("5")), MACS, "tooShort"));
    }
}
