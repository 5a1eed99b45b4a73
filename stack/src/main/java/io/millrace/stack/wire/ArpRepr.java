package io.millrace.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * An ARP packet for IPv4 over Ethernet; reused from packet to packet.
 *
 * <p>Not thread-safe.
 */
public final class ArpRepr {
    /** {@link ArpView#REQUEST}, {@link ArpView#REPLY} or another operation. */
    public int operation;
    /** Sender's MAC address. */
    public long senderMac;
    /** Sender's IPv4 address, zero-extended. */
    public long senderIp;
    /** Target's MAC address; 0 in requests. */
    public long targetMac;
    /** Target's IPv4 address, zero-extended. */
    public long targetIp;

    /**
     * Reads a packet.
     *
     * @param length bytes that are there, padding of the link included
     * @return false if it is short, or not for IPv4 over Ethernet
     */
    public boolean parse(final MemorySegment memory, final long offset, final int length) {
        if (length < ArpView.LENGTH || !ArpView.isEthernetIpv4(memory, offset)) {
            return false;
        }
        operation = ArpView.operation(memory, offset);
        senderMac = ArpView.senderMac(memory, offset);
        senderIp = ArpView.senderIp(memory, offset);
        targetMac = ArpView.targetMac(memory, offset);
        targetIp = ArpView.targetIp(memory, offset);
        return true;
    }

    /** Writes {@link ArpView#LENGTH} bytes. */
    public void emit(final MemorySegment memory, final long offset) {
        ArpView.write(memory, offset, operation, senderMac, senderIp, targetMac, targetIp);
    }
}
