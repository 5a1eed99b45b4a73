package io.millrace.bench.peer;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import java.util.List;

/** Over DPDK's net_af_packet on a veth pair. */
class AfPacketPeerTest extends PeerContract {
    private static final String OURS = "mr0";

    @Override
    void before(Namespace peer, String device) throws CommandException {
        new VethPair(OURS, device, List.of(THEIR_V4, THEIR_V6), 1500).create(peer::run);
    }

    @Override
    String port(String device) {
        return "net_af_packet0,iface=" + OURS;
    }

    @Override
    void after(Namespace peer, String device) {}
}
