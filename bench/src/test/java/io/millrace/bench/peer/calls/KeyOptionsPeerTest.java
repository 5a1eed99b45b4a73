package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import io.millrace.testkit.PoolWatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP_MD5SIG and TCP_MD5SIG_EXT as Linux takes and refuses them. */
@Tag("peers")
@Timeout(300)
final class KeyOptionsPeerTest {
    private static final int MD5SIG = 14;
    private static final int MD5SIG_EXT = 32;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    /** A {@code struct tcp_md5sig}. */
    private static String md5(int family, String address, int flags, int prefix, int length) {
        final ByteBuffer fields = ByteBuffer.allocate(216).order(ByteOrder.LITTLE_ENDIAN);
        fields.putShort(0, (short) family);
        fields.put(family == 2 ? 4 : 8, HexFormat.of().parseHex(address));
        fields.put(128, (byte) flags).put(129, (byte) prefix).putShort(130, (short) length);
        return HexFormat.of().formatHex(fields.array());
    }

    private static List<String> calls(int family) {
        final List<String> addresses = family == 2
                ? List.of("0a000007", "0a000000")
                : List.of("20010db8000000000000000000000007", "00000000000000000000ffff0a000007");
        final List<String> calls = new ArrayList<>();
        for (final int option : new int[] {MD5SIG, MD5SIG_EXT}) {
            final String set = "setsockopt 3 6 " + option + " ";
            calls.add("getsockopt 3 6 " + option + " 216");
            calls.add(set + "01000000");
            calls.add(set + md5(family, addresses.getFirst(), 0, 0, 5).substring(2));
            calls.add(set + md5(family == 2 ? 10 : 2, "0a000007".repeat(family == 2 ? 4 : 1), 0, 0, 5));
            for (final String address : addresses) {
                for (final int length : new int[] {0, 5, 80, 81, 5, 0, 0}) {
                    calls.add(set + md5(family, address, 0, 0, length));
                }
                for (final int prefix : new int[] {0, 24, 32, 33, 128, 129}) {
                    calls.add(set + md5(family, address, 1, prefix, 5));
                    calls.add(set + md5(family, address, 1, prefix, 0));
                    calls.add(set + md5(family, address, 1, prefix, 0));
                }
            }
        }
        return calls;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10})
    void shouldTakeKeysAsLinuxDoes(int family, @TempDir Path folder) throws Exception {
        final List<String> wrong = new ArrayList<>();
        try (LinuxCalls linux = new LinuxCalls(folder);
                AgentRig ours = new AgentRig(pools)) {
            final String open = "socket " + family + " 1 0";
            assertEquals(linux.ask(open), ours.ask(open));
            for (final String call : calls(family)) {
                final String theirs = linux.ask(call);
                final String mine = ours.ask(call);
                if (!theirs.equals(mine)) {
                    wrong.add(call + ": Linux " + theirs + ", we " + mine);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }
}
