package io.millrace.stack.iface;

/**
 * What an interface's frames look like.
 *
 * @param vlan tags
 * @param checksums which checksums the interface checks and writes
 */
public record LinkFormat(VlanFilter vlan, ChecksumPolicy checksums) {
    /** Untagged frames, all checksums. */
    public static final LinkFormat PLAIN = new LinkFormat(VlanFilter.NONE, ChecksumPolicy.BOTH);
}
