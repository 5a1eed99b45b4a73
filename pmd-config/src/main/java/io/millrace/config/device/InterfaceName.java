package io.millrace.config.device;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;

/** Names of the kernel's interfaces. */
public final class InterfaceName {
    /** IFNAMSIZ less the terminating zero. */
    private static final int MAX = 15;

    private InterfaceName() {}

    /**
     * Checks a name.
     *
     * @param problems gets what is wrong with it
     */
    public static void check(Located<String> located, Problems problems) {
        final String name = located.value();
        if (name.length() > MAX) {
            problems.add(
                    located.place(), "interface name '" + name + "' is too long", "the kernel takes at most " + MAX);
        } else if (!name.matches("[!-.0-~]+") || name.equals(".") || name.equals("..") || name.contains(":")) {
            problems.add(
                    located.place(),
                    "'" + name + "' cannot be the name of an interface",
                    "use letters, digits, '-', '_' and '.'");
        }
    }
}
