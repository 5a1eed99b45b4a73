package io.millrace.bench.peer;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import java.util.List;

/** Over a TAP interface of the kernel's, without DPDK. */
class TapPeerTest extends PeerContract {
    @Override
    void before(Namespace peer, String device) {}

    @Override
    String port(String device) {
        return "tap:" + device;
    }

    @Override
    void after(Namespace peer, String device) throws CommandException {
        configure(peer, device);
    }

    static void configure(Namespace peer, String device) throws CommandException {
        VethPair.configure(peer::run, device, List.of(THEIR_V4, THEIR_V6));
    }
}
