package io.millrace.dpdk;

import java.util.BitSet;
import java.util.List;

/** A program that starts and stops EAL with its arguments and says how that went. */
final class EalLifeCycle {
    private EalLifeCycle() {}

    public static void main(final String[] arguments) {
        final List<String> list = List.of(arguments);
        final boolean retry = list.contains("retry");
        try {
            if (retry) {
                try {
                    Eal.start(List.of("--nosuch"));
                } catch (final EalException e) {
                    System.out.println("refused");
                }
            }
            final BitSet before = CpuAffinity.current();
            try (Eal eal = Eal.start(retry ? list.subList(0, list.indexOf("--")) : list)) {
                System.out.println(before.equals(CpuAffinity.current()) ? "affinity kept" : "affinity lost");
                System.out.println(Eal.version());
                EthDevice.ports().stream().forEach(port -> System.out.println("net_null" + port));
                if (eal.hasHugepages()) {
                    System.out.println("unexpected hugepages");
                }
            }
            System.out.println("stopped");
        } catch (final EalException e) {
            System.out.println(e.getMessage());
        }
    }
}
