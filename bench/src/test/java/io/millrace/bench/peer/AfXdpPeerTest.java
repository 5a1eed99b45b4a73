package io.millrace.bench.peer;

/** Over DPDK's net_af_xdp in copy mode on a veth pair. */
final class AfXdpPeerTest extends AfPacketPeerTest {
    @Override
    String port(String device) {
        return super.port(device).replace("net_af_packet0", "net_af_xdp0") + ",force_copy=1";
    }
}
