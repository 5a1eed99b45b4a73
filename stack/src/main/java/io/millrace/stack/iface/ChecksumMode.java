package io.millrace.stack.iface;

/** Who takes care of a protocol's checksum. */
public enum ChecksumMode {
    /** Checked on receipt, written when sent. */
    BOTH(true, true),
    /** Checked on receipt only: what is sent has 0 there, for the device to fill in. */
    RECEIVE(true, false),
    /** Written when sent only: the device has checked what is received. */
    TRANSMIT(false, true),
    /** Neither, for links that cannot damage a packet. */
    NONE(false, false);

    private final boolean receive;
    private final boolean transmit;

    ChecksumMode(final boolean receive, final boolean transmit) {
        this.receive = receive;
        this.transmit = transmit;
    }

    /** Whether it is checked on receipt. */
    public boolean receive() {
        return receive;
    }

    /** Whether it is written when sent. */
    public boolean transmit() {
        return transmit;
    }
}
