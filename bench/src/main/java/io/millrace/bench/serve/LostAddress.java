package io.millrace.bench.serve;

/**
 * An address of ours that another station has, found out by checking for duplicates: it is not used.
 *
 * @param port name of the port
 * @param address without its prefix length
 * @param mac of the other station
 */
record LostAddress(String port, String address, String mac) {
    /** As a line for whoever watches. */
    @Override
    public String toString() {
        return "lost " + address + " on " + port + ": " + mac + " has it";
    }
}
