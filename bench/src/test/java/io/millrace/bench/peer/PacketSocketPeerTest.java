package io.millrace.bench.peer;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import java.util.List;

/**
 * Over a packet socket on a veth pair, without DPDK. Linux leaves checksums, and the cutting of long segments, to hardware
 * that is not there.
 */
class PacketSocketPeerTest extends PeerContract {
    private static final String OURS = "mr0";

    @Override
    void before(Namespace peer, String device) throws CommandException {
        new VethPair(OURS, device, List.of(THEIR_V4, THEIR_V6), 1500).create(peer::run);
        peer.run("ethtool", "-K", device, "tx", "on", "tso", "on", "gso", "on");
    }

    @Override
    String port(String device) {
        return "packet:" + OURS;
    }

    @Override
    void after(Namespace peer, String device) {}
}
