package io.millrace.bench.peer;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;

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
        peer.run("ip", "address", "add", THEIR_V4, "dev", device);
        peer.run("ip", "address", "add", THEIR_V6, "dev", device, "nodad");
        peer.run("ip", "link", "set", device, "up");
    }
}
