package io.millrace.bench.serve;

import io.millrace.stack.NetInterface;
import io.millrace.stack.iface.address.AddressListener;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;

/** The addresses that a server lost. Told by its shards, each of which may find out the same; read by any thread. */
final class LostAddresses {
    private final List<LostAddress> all = new ArrayList<>();
    private int told;

    LostAddresses() {}

    /** Listens to what becomes of an interface's addresses. */
    void watch(NetInterface netInterface) {
        final String port = netInterface.name();
        netInterface.onAddressChange(new AddressListener() {
            @Override
            public void onDuplicate(IpAddress address, MacAddress other) {
                add(new LostAddress(port, address.toString(), other.toString()));
            }
        });
    }

    private synchronized void add(LostAddress lost) {
        if (!all.contains(lost)) {
            all.add(lost);
        }
    }

    /** Those that this method has not returned before. */
    synchronized List<LostAddress> news() {
        final List<LostAddress> found = List.copyOf(all.subList(told, all.size()));
        told = all.size();
        return found;
    }

    /** All so far. */
    synchronized List<LostAddress> all() {
        return List.copyOf(all);
    }
}
