package io.millrace.bench.peer;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;

/** Over DPDK's net_tap, which makes the interface itself. */
class DpdkTapPeerTest extends PeerContract {
    @Override
    void before(Namespace peer, String device) {}

    @Override
    String port(String device) {
        return "net_tap0,iface=" + device;
    }

    @Override
    void after(Namespace peer, String device) throws CommandException {
        TapPeerTest.configure(peer, device);
    }
}
