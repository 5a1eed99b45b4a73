package io.millrace.bench.serve;

import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.address.AddressEntry;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.wire.IpFamily;

/** The time in which a host checks whether others have its addresses. */
public final class AddressTrial {
    private AddressTrial() {}

    /**
     * Whether IPv6 addresses of a stack are still being checked. One that is used meanwhile must not tell its link address
     * when it asks for another's (RFC 4429 section 3.2), and Linux does not answer who does not.
     */
    public static boolean isOn(Stack stack) {
        for (final NetInterface netInterface : stack.interfaces()) {
            for (final AddressEntry entry : netInterface.addressEntries()) {
                final boolean checking =
                        entry.state() == AddressState.TENTATIVE || entry.state() == AddressState.OPTIMISTIC;
                if (checking && entry.address().address().family() == IpFamily.V6) {
                    return true;
                }
            }
        }
        return false;
    }
}
