package io.millrace.bench.netns;

import java.util.List;

/**
 * The commands that make a veth pair with Linux's stack on one side and nothing on the other: our side carries no
 * address, not even a link-local one, so that the kernel keeps silent there, and both sides have the offloads off that
 * would leave checksums unfinished or join packets beyond the MTU.
 *
 * @param ours interface that our port opens
 * @param theirs interface of Linux
 * @param theirAddresses addresses of Linux, each with its prefix length
 * @param mtu of both
 */
public record VethPair(String ours, String theirs, List<String> theirAddresses, int mtu) {
    private static final List<String> OFFLOADS = List.of("tx", "off", "tso", "off", "gso", "off", "gro", "off");

    /** Something that runs a command of the system. */
    @FunctionalInterface
    public interface Runner {
        /**
         * Runs a command.
         *
         * @throws CommandException if it fails
         */
        String run(String... command) throws CommandException;
    }

    /**
     * Makes the pair, up and ready.
     *
     * @param runner runs commands in the namespace that the pair belongs to
     */
    public void create(Runner runner) throws CommandException {
        runner.run("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs);
        runner.run("ip", "link", "set", ours, "addrgenmode", "none");
        prepare(runner, ours, mtu);
        prepare(runner, theirs, mtu);
        runner.run("ip", "link", "set", ours, "up");
        configure(runner, theirs, theirAddresses);
    }

    /**
     * Sets the MTU of one end, and its offloads off.
     *
     * @param runner runs commands in the namespace that the interface belongs to
     */
    public static void prepare(Runner runner, String device, int mtu) throws CommandException {
        runner.run("ip", "link", "set", device, "mtu", Integer.toString(mtu));
        offloadsOff(runner, device);
    }

    /**
     * Gives an interface of Linux its addresses, and sets it up.
     *
     * @param runner runs commands in the namespace that the interface belongs to
     */
    public static void configure(Runner runner, String device, List<String> addresses) throws CommandException {
        for (final String address : addresses) {
            if (address.indexOf(':') < 0) {
                runner.run("ip", "address", "add", address, "dev", device);
            } else {
                // Nobody else is on this wire, so there is no need to wait for duplicate address detection.
                runner.run("ip", "address", "add", address, "dev", device, "nodad");
            }
        }
        runner.run("ip", "link", "set", device, "up");
    }

    private static void offloadsOff(Runner runner, String name) throws CommandException {
        final String[] command = new String[3 + OFFLOADS.size()];
        command[0] = "ethtool";
        command[1] = "-K";
        command[2] = name;
        for (int i = 0; i < OFFLOADS.size(); i++) {
            command[3 + i] = OFFLOADS.get(i);
        }
        runner.run(command);
    }
}
