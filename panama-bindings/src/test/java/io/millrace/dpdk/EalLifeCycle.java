package io.millrace.dpdk;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that starts and stops EAL with its arguments and says how that went. Behind {@code --} comes what else to do:
 * {@code retry} after wrong arguments, or ask over {@code telemetry}.
 */
final class EalLifeCycle {
    private EalLifeCycle() {}

    public static void main(final String[] arguments) {
        final List<String> list = new ArrayList<>(List.of(arguments));
        final int separator = list.indexOf("--");
        final String mode = separator < 0 ? "" : list.getLast();
        if (separator >= 0) {
            list.subList(separator, list.size()).clear();
        }
        try {
            if (mode.equals("retry")) {
                failOnce();
            }
            if (mode.equals("telemetry")) {
                list.add(
                        "--file-prefix=millrace-test-" + ProcessHandle.current().pid());
            }
            final BitSet before = CpuAffinity.current();
            Path folder = null;
            try (Eal eal = Eal.start(list)) {
                System.out.println(before.equals(CpuAffinity.current()) ? "affinity kept" : "affinity lost");
                System.out.println(Eal.version());
                EthDevice.ports().stream().forEach(port -> System.out.println("net_null" + port));
                if (eal.hasHugepages()) {
                    System.out.println("unexpected hugepages");
                }
                if (mode.equals("telemetry")) {
                    folder = RuntimeFolder.find();
                    askOverTelemetry(String.valueOf(folder));
                }
            }
            if (folder != null) {
                System.out.println(Files.exists(folder) ? "folder left behind" : "folder gone");
            }
            if (InterruptThread.isAlive()) {
                System.out.println("interrupt thread left behind");
            }
            System.out.println("stopped");
        } catch (final EalException e) {
            System.out.println(e.getMessage());
        }
    }

    private static void failOnce() {
        try {
            Eal.start(List.of("--nosuch"));
        } catch (final EalException e) {
            System.out.println("refused");
        }
    }

    private static void askOverTelemetry(final String folder) {
        final Map<String, Long> values = new LinkedHashMap<>();
        values.put("packets", -1L);
        values.put("drops", 7L);
        Telemetry.register("/millrace/test", "Numbers of a test.", () -> values);
        try {
            Telemetry.register("nosuch", "No slash.", () -> values);
        } catch (final EalException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(TelemetryClient.ask(folder + "/dpdk_telemetry.v2", "/millrace/test"));
    }
}
