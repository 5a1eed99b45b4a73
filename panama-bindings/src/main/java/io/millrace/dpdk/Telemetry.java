package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;
import io.millrace.dpdk.ffi.telemetry_cb;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers commands on DPDK's telemetry socket, where {@code dpdk-telemetry.py} asks. EAL must have been started without
 * {@code --no-telemetry}.
 */
public final class Telemetry {
    private static final int FAILED = -1;
    private static final int DONE = 0;

    private Telemetry() {}

    /**
     * Adds a command that answers with numbers by name. It stays until the process ends.
     *
     * @param command begins with {@code /}, for instance {@code /millrace/counters}
     * @param help one sentence
     * @param values asked on one of DPDK's threads for each request; must not throw
     */
    public static void register(final String command, final String help, final Supplier<Map<String, Long>> values) {
        EalLog.clear();
        // DPDK keeps the function for good, and offers no way to take a command back.
        final Arena arena = Arena.global();
        final MemorySegment function =
                telemetry_cb.allocate((name, parameters, answer) -> answer(answer, values), arena);
        EalException.check(
                Dpdk.rte_telemetry_register_cmd(arena.allocateFrom(command), function, arena.allocateFrom(help)),
                "register telemetry command " + command);
    }

    private static int answer(final MemorySegment answer, final Supplier<Map<String, Long>> values) {
        Dpdk.rte_tel_data_start_dict(answer);
        try (Arena arena = Arena.ofConfined()) {
            for (final Map.Entry<String, Long> entry : values.get().entrySet()) {
                if (Dpdk.rte_tel_data_add_dict_u64(answer, arena.allocateFrom(entry.getKey()), entry.getValue()) < 0) {
                    return FAILED;
                }
            }
            return DONE;
        } catch (final RuntimeException e) {
            // An exception that leaves an upcall ends the JVM.
            return FAILED;
        }
    }
}
