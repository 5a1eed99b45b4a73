package io.millrace.stack;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** Everything that a stack counts. Each dropped packet is counted once, under the reason why. */
public enum StackCounter implements CounterName {
    /** Packets that came in. */
    RX_PACKETS("rxPackets", "packets received", false),
    /** Bytes that came in, link header included. */
    RX_BYTES("rxBytes", "bytes received, link headers included", false),
    /** Packets handed to ports. */
    TX_PACKETS("txPackets", "packets sent", false),
    /** Bytes handed to ports, link header included. */
    TX_BYTES("txBytes", "bytes sent, link headers included", false),
    /** Times that an application's handler threw an exception. */
    HANDLER_FAILURES("handlerFailures", "times that an application's handler threw an exception", false),
    /** Packets that this stack failed to process, a bug. */
    RX_FAILED("rxFailed", "packets that this stack failed to process, a bug", true),
    /** Times that the pool had no buffer. */
    NO_BUFFER("noBuffer", "times that the pool had no buffer", false),
    /** ICMP errors received. */
    ICMP_ERRORS_RECEIVED("icmpErrorsReceived", "ICMP errors received", false),
    /** ICMP errors sent. */
    ICMP_ERRORS_SENT("icmpErrorsSent", "ICMP errors sent", false),
    /** ICMP errors not sent for being too many. */
    ICMP_ERRORS_RATE_LIMITED("icmpErrorsRateLimited", "ICMP errors not sent for being too many", false),
    /** Echo requests answered. */
    ECHO_REPLIES_SENT("echoRepliesSent", "echo requests answered", false),
    /** ICMP timestamp requests answered. */
    TIMESTAMP_REPLIES_SENT("timestampRepliesSent", "ICMP timestamp requests answered", false),
    /** ARP requests and neighbour solicitations sent. */
    NEIGHBOR_REQUESTS_SENT("neighborRequestsSent", "ARP requests and neighbour solicitations sent", false),
    /** Neighbours that made room for others. */
    NEIGHBOR_EVICTIONS("neighborEvictions", "neighbours that made room for others", false),
    /** Redirects followed. */
    REDIRECTS_FOLLOWED("redirectsFollowed", "redirects of routers that were followed", false),
    /** Redirects not followed. */
    REDIRECTS_REFUSED("redirectsRefused", "redirects that may not be followed", true),
    /** Own addresses that another station has. */
    ADDRESS_DUPLICATES("addressDuplicates", "own addresses given up because another station has them", false),
    /** Own addresses defended against another station. */
    ADDRESS_DEFENCES("addressDefences", "times that an own address was defended against another station", false),
    /** Announcements of own addresses. */
    ADDRESS_ANNOUNCEMENTS("addressAnnouncements", "announcements of own addresses", false),
    /** Frames shorter than an Ethernet header. */
    RX_FRAME_SHORT("rxFrameShort", "frames shorter than an Ethernet header", true),
    /** Frames for another station or a group that was not joined. */
    RX_OTHER_STATION("rxOtherStation", "frames for another station or a group that was not joined", true),
    /** Frames from a group address. */
    RX_BAD_SOURCE_MAC("rxBadSourceMac", "frames from a group address", true),
    /** IEEE 802.3 frames with a length instead of an EtherType. */
    RX_LENGTH_FRAME("rxLengthFrame", "IEEE 802.3 frames with a length instead of an EtherType", true),
    /** Frames of another VLAN than the interface's, or of none. */
    RX_OTHER_VLAN("rxOtherVlan", "frames of another VLAN than the interface's", true),
    /** Frames of other protocols. */
    RX_UNKNOWN_ETHER_TYPE("rxUnknownEtherType", "frames of other protocols", true),
    /** Packets whose IP version is neither 4 nor 6, or not that of the EtherType. */
    RX_BAD_IP_VERSION(
            "rxBadIpVersion", "packets whose IP version is neither 4 nor 6, or not that of the EtherType", true),
    /** ARP packets that are short or not for IPv4 over Ethernet. */
    ARP_MALFORMED("arpMalformed", "ARP packets that are short or not for IPv4 over Ethernet", true),
    /** ARP packets about other stations. */
    ARP_NOT_FOR_US("arpNotForUs", "ARP packets about other stations", true),
    /** ARP packets whose sender is no station of this network. */
    ARP_BAD_SENDER("arpBadSender", "ARP packets whose sender is no station of this network", true),
    /** ARP packets of a station that uses one of our addresses. */
    ARP_CONFLICT("arpConflict", "ARP packets of a station that uses one of our addresses", true),
    /** ARP replies that nobody asked for. */
    ARP_UNSOLICITED("arpUnsolicited", "ARP replies that nobody asked for", true),
    /** ARP requests not answered for being too many. */
    ARP_RATE_LIMITED("arpRateLimited", "ARP requests not answered for being too many", true),
    /** IPv4 packets shorter than their header says. */
    IPV4_TRUNCATED("ipv4Truncated", "IPv4 packets shorter than their header says", true),
    /** IPv4 packets with an impossible header length. */
    IPV4_BAD_HEADER_LENGTH("ipv4BadHeaderLength", "IPv4 packets with an impossible header length", true),
    /** IPv4 packets with a wrong header checksum. */
    IPV4_BAD_CHECKSUM("ipv4BadChecksum", "IPv4 packets with a wrong header checksum", true),
    /** IPv4 packets with malformed options. */
    IPV4_BAD_OPTIONS("ipv4BadOptions", "IPv4 packets with malformed options", true),
    /** IPv4 packets with a source route. */
    IPV4_SOURCE_ROUTE("ipv4SourceRoute", "IPv4 packets with a source route", true),
    /** IPv4 packets from an address that can be no source. */
    IPV4_MARTIAN_SOURCE("ipv4MartianSource", "IPv4 packets from an address that can be no source", true),
    /** IPv4 packets to an address that belongs on no wire. */
    IPV4_MARTIAN_DESTINATION("ipv4MartianDestination", "IPv4 packets to an address that belongs on no wire", true),
    /** IPv4 packets to an address that is not ours. */
    IPV4_NOT_OURS("ipv4NotOurs", "IPv4 packets to an address that is not ours", true),
    /** IPv4 packets of a protocol that is not served. */
    IPV4_UNKNOWN_PROTOCOL("ipv4UnknownProtocol", "IPv4 packets of a protocol that is not served", true),
    /** IPv6 packets shorter than their header says. */
    IPV6_TRUNCATED("ipv6Truncated", "IPv6 packets shorter than their header says", true),
    /** IPv6 packets at an interface whose own link-local address is somebody else's. */
    IPV6_DISABLED("ipv6Disabled", "IPv6 packets at an interface whose own link-local address is somebody else's", true),
    /** IPv6 packets from an address that can be no source. */
    IPV6_MARTIAN_SOURCE("ipv6MartianSource", "IPv6 packets from an address that can be no source", true),
    /** IPv6 packets to an address that belongs on no wire. */
    IPV6_MARTIAN_DESTINATION("ipv6MartianDestination", "IPv6 packets to an address that belongs on no wire", true),
    /** IPv6 packets to an address that is not ours. */
    IPV6_NOT_OURS("ipv6NotOurs", "IPv6 packets to an address that is not ours", true),
    /** Times that a router made us send smaller packets. */
    PATH_MTU_LOWERED("pathMtuLowered", "times that a router made us send smaller packets", false),
    /** Reports of routers that packets are too big, not followed since they would not or too much lower the path MTU. */
    PATH_MTU_REPORT_IGNORED(
            "pathMtuReportIgnored",
            "reports of routers not followed since they would not lower the path MTU, or too much",
            false),
    /** Fragments received for reassembly. */
    FRAGMENTS_RECEIVED("fragmentsReceived", "fragments received for reassembly", false),
    /** Packets put together from fragments. */
    REASSEMBLED("reassembled", "packets put together from fragments", false),
    /** Packets given up because not all fragments came in time. */
    REASSEMBLY_TIMEOUTS("reassemblyTimeouts", "packets given up because not all fragments came in time", true),
    /** Packets given up to make room for others of which fragments came later. */
    REASSEMBLY_EVICTIONS(
            "reassemblyEvictions", "packets given up to make room for others of which fragments came later", true),
    /** Packets put together for which there was no memory. */
    REASSEMBLY_NO_PACKET("reassemblyNoPacket", "packets put together for which there was no memory", true),
    /** Fragments without payload, or not the last and no multiple of 8 bytes long. */
    FRAGMENT_BAD_LENGTH(
            "fragmentBadLength", "fragments without payload, or not the last and no multiple of 8 bytes long", true),
    /** Fragments beyond the end of any packet. */
    FRAGMENT_TOO_LONG("fragmentTooLong", "fragments beyond the end of any packet", true),
    /** Fragments that overlap another of their packet. */
    FRAGMENT_OVERLAP("fragmentOverlap", "fragments that overlap another of their packet", true),
    /** Fragments that came twice. */
    FRAGMENT_DUPLICATE("fragmentDuplicate", "fragments that came twice", true),
    /** Fragments that contradict others about the packet's length. */
    FRAGMENT_CONTRADICTION("fragmentContradiction", "fragments that contradict others about the packet's length", true),
    /** Fragments of packets that were dropped for one of the reasons here. */
    FRAGMENT_OF_DROPPED("fragmentOfDropped", "fragments of packets of which another was refused", true),
    /** Fragments of packets with too many of them. */
    FRAGMENT_TOO_MANY("fragmentTooMany", "fragments of packets with too many of them", true),
    /** Fragments of packets that need more memory than their source may use. */
    FRAGMENT_NO_MEMORY(
            "fragmentNoMemory", "fragments of packets that need more memory than their source may use", true),
    /** First fragments that leave out headers (RFC 7112). */
    FRAGMENT_HEADERS_MISSING("fragmentHeadersMissing", "first fragments that leave out headers (RFC 7112)", true),
    /** Second fragments that begin within the header of TCP (RFC 3128). */
    FRAGMENT_TINY("fragmentTiny", "second fragments that begin within the header of TCP (RFC 3128)", true),
    /** Fragments with a fragment header within. */
    FRAGMENT_NESTED("fragmentNested", "packets with more than one fragment header", true),
    /** Packets whose fragments contradict each other about ECN (RFC 3168). */
    FRAGMENT_ECN("fragmentEcn", "packets whose fragments contradict each other about ECN (RFC 3168)", true),
    /** IPv6 packets with malformed, misplaced or too many extension headers. */
    IPV6_BAD_EXTENSION(
            "ipv6BadExtension", "IPv6 packets with malformed, misplaced or too many extension headers", true),
    /** IPv6 packets with an unknown option that asks for the packet's discard. */
    IPV6_UNKNOWN_OPTION(
            "ipv6UnknownOption", "IPv6 packets with an unknown option that asks for the packet's discard", true),
    /** IPv6 packets with a routing header that leads on. */
    IPV6_ROUTING_HEADER("ipv6RoutingHeader", "IPv6 packets with a routing header that leads on", true),
    /** IPv6 packets without payload. */
    IPV6_NO_NEXT_HEADER("ipv6NoNextHeader", "IPv6 packets without payload", true),
    /** IPv6 packets of a protocol that is not served. */
    IPV6_UNKNOWN_PROTOCOL("ipv6UnknownProtocol", "IPv6 packets of a protocol that is not served", true),
    /** Packets from outside that claim one of our addresses as source. */
    IP_SPOOFED_SOURCE("ipSpoofedSource", "packets from outside that claim one of our addresses as source", true),
    /** Packets to our address in a frame to a group. */
    IP_UNICAST_IN_BROADCAST("ipUnicastInBroadcast", "packets to our address in a frame to a group", true),
    /** ICMP messages shorter than their header. */
    ICMP_TRUNCATED("icmpTruncated", "ICMP messages shorter than their header", true),
    /** ICMP messages with a wrong checksum. */
    ICMP_BAD_CHECKSUM("icmpBadChecksum", "ICMP messages with a wrong checksum", true),
    /** IPv4 echo requests to a group. */
    ICMP_ECHO_BROADCAST("icmpEchoBroadcast", "IPv4 echo or timestamp requests to a group", true),
    /** Echo or timestamp requests not answered for being too many. */
    ICMP_ECHO_RATE_LIMITED("icmpEchoRateLimited", "echo or timestamp requests not answered for being too many", true),
    /** Echo replies that nobody waits for. */
    ICMP_NO_SOCKET("icmpNoSocket", "echo replies that nobody waits for", true),
    /** ICMP errors to a group. */
    ICMP_ERROR_TO_GROUP("icmpErrorToGroup", "ICMP errors to a group", true),
    /** ICMP errors whose quoted packet makes no sense. */
    ICMP_ERROR_MALFORMED("icmpErrorMalformed", "ICMP errors whose quoted packet makes no sense", true),
    /** ICMP errors about packets that we cannot have sent. */
    ICMP_ERROR_FOREIGN("icmpErrorForeign", "ICMP errors about packets that we cannot have sent", true),
    /** ICMP errors about packets of no socket. */
    ICMP_ERROR_NO_SOCKET("icmpErrorNoSocket", "ICMP errors about packets of no socket", true),
    /** Source quenches, which are obsolete (RFC 6633). */
    ICMP_SOURCE_QUENCH("icmpSourceQuench", "source quenches, which are obsolete (RFC 6633)", true),
    /** ICMP messages for a socket whose queue is full. */
    ICMP_QUEUE_FULL("icmpQueueFull", "ICMP messages for a socket whose queue is full", true),
    /** ICMP messages of a type that is not served. */
    ICMP_UNHANDLED("icmpUnhandled", "ICMP messages of a type that is not served", true),
    /** Neighbour discovery messages that RFC 4861 calls invalid. */
    NDP_MALFORMED("ndpMalformed", "neighbour discovery messages that RFC 4861 calls invalid", true),
    /** Neighbour discovery messages that came through a router. */
    NDP_BAD_HOP_LIMIT("ndpBadHopLimit", "neighbour discovery messages that came through a router", true),
    /** Neighbour discovery messages with a fragment header. */
    NDP_FRAGMENTED("ndpFragmented", "neighbour discovery messages with a fragment header", true),
    /** Neighbour solicitations for other stations. */
    NDP_NOT_FOR_US("ndpNotForUs", "neighbour solicitations for other stations", true),
    /** Neighbour solicitations whose sender is no station of this link. */
    NDP_BAD_SENDER("ndpBadSender", "neighbour solicitations whose sender is no station of this link", true),
    /** Neighbour advertisements of a station that uses one of our addresses. */
    NDP_CONFLICT("ndpConflict", "neighbour advertisements of a station that uses one of our addresses", true),
    /** Neighbour advertisements that nobody asked for. */
    NDP_UNSOLICITED("ndpUnsolicited", "neighbour advertisements that nobody asked for", true),
    /** Neighbour solicitations not answered for being too many. */
    NDP_RATE_LIMITED("ndpRateLimited", "neighbour solicitations not answered for being too many", true),
    /** Router discovery, redirects, and neighbour discovery on links without link addresses. */
    NDP_UNHANDLED(
            "ndpUnhandled",
            "router discovery, redirects, and neighbour discovery on links without link addresses",
            true),
    /** UDP datagrams shorter than their header. */
    UDP_TRUNCATED("udpTruncated", "UDP datagrams shorter than their header", true),
    /** UDP datagrams with an impossible length. */
    UDP_BAD_LENGTH("udpBadLength", "UDP datagrams with an impossible length", true),
    /** UDP datagrams with a wrong checksum. */
    UDP_BAD_CHECKSUM("udpBadChecksum", "UDP datagrams with a wrong checksum", true),
    /** UDP datagrams over IPv6 without a checksum. */
    UDP_NO_CHECKSUM("udpNoChecksum", "UDP datagrams over IPv6 without a checksum", true),
    /** UDP datagrams to port 0. */
    UDP_PORT_ZERO("udpPortZero", "UDP datagrams to port 0", true),
    /** UDP datagrams to a port that nobody serves. */
    UDP_NO_PORT("udpNoPort", "UDP datagrams to a port that nobody serves", true),
    /** UDP datagrams for a socket whose queue is full. */
    UDP_QUEUE_FULL("udpQueueFull", "UDP datagrams for a socket whose queue is full", true),
    /** ICMP errors told to UDP sockets. */
    UDP_ICMP_ERRORS("udpIcmpErrors", "ICMP errors told to UDP sockets", false),
    /** Times of sending that nobody was told of, since too many were asked for at once. */
    SEND_STAGES_LOST("sendStagesLost", "times of sending not told since too many were asked for at once", false),
    /** Times of sending and completions that an application did not take in time. */
    SEND_NOTICES_LOST(
            "sendNoticesLost", "times of sending that the application left waiting until there were too many", false),
    /** Packets for a raw socket whose queue is full. */
    RAW_QUEUE_FULL("rawQueueFull", "packets for a raw socket whose queue is full", true),
    /** Packets that waited for a neighbour's link address with too many others. */
    NEIGHBOR_QUEUE_FULL(
            "neighborQueueFull", "packets that waited for a neighbour's link address with too many others", true),
    /** Packets for a neighbour that does not answer. */
    NEIGHBOR_UNREACHABLE("neighborUnreachable", "packets for a neighbour that does not answer", true),
    /** Packets for a neighbour that found no place in the table. */
    NEIGHBOR_TABLE_FULL("neighborTableFull", "packets for a neighbour that found no place in the table", true),
    /** Packets that no route leads anywhere. */
    TX_NO_ROUTE("txNoRoute", "packets that no route leads anywhere", true),
    /** Broadcasts without permission, foreign sources, raw packets with a senseless header. */
    TX_NOT_PERMITTED(
            "txNotPermitted",
            "broadcasts without permission, foreign sources, raw packets with a senseless header",
            true),
    /** Packets larger than the path allows. */
    TX_TOO_BIG("txTooBig", "packets larger than the path allows", true),
    /** Fragments sent. */
    TX_FRAGMENTS("txFragments", "fragments sent", false),
    /** Packets for whose fragments the pool had too few buffers. */
    TX_NO_FRAGMENT_BUFFERS("txNoFragmentBuffers", "packets for whose fragments the pool had too few buffers", true),
    /** Packets that found the transmit queue full. */
    TX_QUEUE_FULL("txQueueFull", "packets that found the transmit queue full", true),
    /** Packets without room for the headers below. */
    TX_NO_HEADROOM("txNoHeadroom", "packets without room for the headers below", true),
    /** Packets sent on their way by another interface. */
    FORWARDED("forwarded", "packets of others sent on their way", false),
    /** Redirects sent. */
    REDIRECTS_SENT("redirectsSent", "redirects sent", false),
    /** Packets of others that raw sockets took because of a router alert. */
    ROUTER_ALERTS("routerAlerts", "packets of others that raw sockets took because of a router alert", false),
    /** Packets of others that made as many hops as they may. */
    FORWARD_HOP_LIMIT("forwardHopLimit", "packets of others that made as many hops as they may", true),
    /** Packets of others that no route leads anywhere. */
    FORWARD_NO_ROUTE("forwardNoRoute", "packets of others that no route leads anywhere", true),
    /** Packets of others that are too long for the next link. */
    FORWARD_TOO_BIG("forwardTooBig", "packets of others that are too long for the next link", true),
    /** IPv4 packets of others that are too long for the next link and can't be cut. */
    FORWARD_UNFRAGMENTED(
            "forwardUnfragmented", "IPv4 packets of others that are too long for the next link and can't be cut", true),
    /** Packets of others between addresses that are not forwarded. */
    FORWARD_PROHIBITED("forwardProhibited", "packets of others between addresses that are not forwarded", true),
    /** Packets of others whose source is not where they came from. */
    FORWARD_REVERSE_PATH("forwardReversePath", "packets of others whose source is not where they came from", true),
    /** Packets to ourselves that found the queue full. */
    LOCAL_QUEUE_FULL("localQueueFull", "packets to ourselves that found the queue full", true),
    /** TCP segments that came in. */
    TCP_SEGMENTS_RECEIVED("tcpSegmentsReceived", "TCP segments received", false),
    /** TCP segments handed to IP. */
    TCP_SEGMENTS_SENT("tcpSegmentsSent", "TCP segments sent", false),
    /** TCP segments that were built and sent together with those before or behind them. */
    TCP_SEGMENTS_IN_RUNS("tcpSegmentsInRuns", "TCP segments sent in runs", false),
    /** TCP segments that left in a packet of several, for the device to cut. */
    TCP_SEGMENTS_LEFT_TO_DEVICE("tcpSegmentsLeftToDevice", "TCP segments sent that the device was to cut", false),
    /** TCP segments received that were one with the segment before them when their connection saw them. */
    TCP_SEGMENTS_COALESCED("tcpSegmentsCoalesced", "TCP segments received as part of another", false),
    /** TCP segments sent within UDP. */
    TCP_ENCAPSULATED("tcpEncapsulated", "TCP segments sent within UDP", false),
    /** Connections established, from either side. */
    TCP_CONNECTIONS_OPENED("tcpConnectionsOpened", "TCP connections established", false),
    /** Connections ended, whether they were established or not. */
    TCP_CONNECTIONS_CLOSED("tcpConnectionsClosed", "TCP connections ended", false),
    /** Segments sent again. */
    TCP_RETRANSMITS("tcpRetransmits", "TCP segments sent again", false),
    /** Losses found by duplicate acknowledgments. */
    TCP_FAST_RETRANSMITS("tcpFastRetransmits", "TCP fast recoveries begun", false),
    /** Tail loss probes (RFC 8985). */
    TCP_TAIL_PROBES("tcpTailProbes", "TCP tail loss probes sent", false),
    /** Segments that the peer reported to have got twice (RFC 2883). */
    TCP_DUPLICATES_REPORTED("tcpDuplicatesReported", "TCP segments that peers got twice", false),
    /** Losses that turned out to be none, so that the congestion window was put back. */
    TCP_SPURIOUS_RETRANSMITS("tcpSpuriousRetransmits", "TCP recoveries that were not needed", false),
    /** Times that data was sent again although the peer had acknowledged it selectively (RFC 2018 section 8). */
    TCP_SACK_RENEGING("tcpSackReneging", "TCP peers that took back selective acknowledgments", false),
    /** Times that a router's word made segments smaller (RFC 1191, RFC 8201). */
    TCP_PATH_MTU_REDUCED("tcpPathMtuReduced", "TCP connections whose segments became smaller", false),
    /** Times that segments were cut smaller because full ones got lost without a word. */
    TCP_BLACK_HOLES("tcpBlackHoles", "TCP connections whose full segments got lost on a path (RFC 8899)", false),

    /** Segments larger than others, sent to find out whether a path that had lost such carries them. */
    TCP_SIZE_PROBES("tcpSizeProbes", "TCP segments that probed for a larger path MTU (RFC 4821)", false),
    /** Expiries of retransmission timers. */
    TCP_RTO("tcpRetransmissionTimeouts", "TCP retransmission timeouts", false),
    /** TCP segments with data that came with a mark of congestion (RFC 3168). */
    TCP_CONGESTION_MARKS("tcpCongestionMarks", "TCP segments that came with a mark of congestion (RFC 3168)", false),
    /** Times that a congestion window was reduced because the peer told of such marks. */
    TCP_CONGESTION_ECHOES("tcpCongestionEchoes", "TCP windows reduced because the peer saw marks (RFC 3168)", false),
    /** Window probes sent. */
    TCP_WINDOW_PROBES("tcpWindowProbes", "TCP probes into closed windows", false),
    /** Keep-alive probes sent. */
    TCP_KEEP_ALIVES("tcpKeepAlives", "TCP keep-alive probes", false),
    /** Challenge acknowledgments sent. */
    TCP_CHALLENGE_ACKS("tcpChallengeAcks", "TCP challenge acknowledgments (RFC 5961)", false),
    /** Challenge acknowledgments left out. */
    TCP_CHALLENGE_LIMIT("tcpChallengeLimit", "TCP challenge acknowledgments not sent because of their limit", false),
    /** Resets sent. */
    TCP_RESETS_SENT("tcpResetsSent", "TCP resets sent", false),
    /** Resets that ended a connection. */
    TCP_RESETS_RECEIVED("tcpResetsReceived", "TCP resets received and followed", false),
    /** Resets left out. */
    TCP_RESET_LIMIT("tcpResetLimit", "TCP resets not sent because of their limit", false),
    /** Connections that timed out. */
    TCP_TIMED_OUT("tcpTimedOut", "TCP connections given up because the peer did not answer", false),
    /** Connections that ended in FIN-WAIT-2. */
    TCP_FIN_WAIT_2_TIMEOUTS("tcpFinWait2Timeouts", "TCP connections given up because the peer did not close", false),
    /** Half-open connections that timed out. */
    TCP_SYN_TIMEOUTS("tcpSynTimeouts", "half-open TCP connections dropped because the peer did not answer", false),
    /** Segments that came ahead of a gap. */
    TCP_OUT_OF_ORDER("tcpOutOfOrder", "TCP segments kept because they came ahead of a gap", false),
    /** Writes that found no buffer memory. */
    TCP_SEND_STARVED("tcpSendStarved", "writes cut short because the buffer memory was used up", false),
    /** ICMP errors about segments of connections. */
    TCP_ICMP_ERRORS("tcpIcmpErrors", "ICMP errors about segments of TCP connections", false),
    /** Segments shorter than their header, or with port 0. */
    TCP_MALFORMED("tcpMalformed", "TCP segments with an impossible header", true),
    /** Segments with a wrong checksum. */
    TCP_BAD_CHECKSUM("tcpBadChecksum", "TCP segments with a wrong checksum", true),
    /** Segments with senseless flags. */
    TCP_BAD_FLAGS("tcpBadFlags", "TCP segments with flags that contradict each other", true),
    /** Segments from or to groups, nobody, or themselves. */
    TCP_BAD_ADDRESS("tcpBadAddress", "TCP segments from or to an address that can have no connection", true),
    /** TCP segments from farther away than their connection or listener permits (RFC 5082). */
    TCP_TOO_FAR("tcpTooFar", "TCP segments whose TTL shows that they come from too far (RFC 5082)", true),
    /** TCP segments that came plain or within UDP where their connection is otherwise, or from another UDP port. */
    TCP_OTHER_ENCAPSULATION(
            "tcpOtherEncapsulation",
            "TCP segments within UDP whose connection is not, or not so, or the other way",
            true),
    /** TCP segments signed twice, or by an option of a wrong length. */
    TCP_SIGNATURE_MALFORMED("tcpSignatureMalformed", "TCP segments signed twice or by a malformed option", true),
    /** TCP segments without the MD5 signature that their peer has a key for (RFC 2385). */
    TCP_MD5_NOT_FOUND("tcpMd5NotFound", "TCP segments without an MD5 signature where one was due (RFC 2385)", true),
    /** TCP segments with an MD5 signature, from a peer that there is no key for. */
    TCP_MD5_UNEXPECTED("tcpMd5Unexpected", "TCP segments with an MD5 signature that there is no key for", true),
    /** TCP segments with a wrong MD5 signature. */
    TCP_MD5_FAILURE("tcpMd5Failure", "TCP segments with a wrong MD5 signature", true),
    /** TCP segments without the authentication option that their peer has a key for (RFC 5925). */
    TCP_AO_REQUIRED("tcpAoRequired", "TCP segments without the authentication option that was due (RFC 5925)", true),
    /** TCP segments whose authentication option names a key that is not there. */
    TCP_AO_KEY_NOT_FOUND(
            "tcpAoKeyNotFound", "TCP segments whose authentication option names a key that is not there", true),
    /** TCP segments with a wrong code in their authentication option. */
    TCP_AO_BAD("tcpAoBad", "TCP segments with a wrong code in their authentication option", true),
    /** ICMP errors about established connections with TCP-AO that were not believed (RFC 5925 section 7.8). */
    TCP_AO_DROPPED_ICMPS("tcpAoDroppedIcmps", "ICMP errors about connections with TCP-AO, not believed", true),
    /** Segments to closed ports. */
    TCP_NO_LISTENER("tcpNoListener", "TCP segments to a port where nothing listens", true),
    /** Segments other than SYN to a listener. */
    TCP_NO_CONNECTION("tcpNoConnection", "TCP segments to a listener that belong to no connection", true),
    /** Resets for nothing. */
    TCP_STRAY_RESET("tcpStrayReset", "TCP resets for connections that are not there", true),
    /** Segments without SYN where one was due. */
    TCP_NO_SYN("tcpNoSyn", "TCP segments without SYN where one was due", true),
    /** Segments without ACK where one was due. */
    TCP_NO_ACK("tcpNoAck", "TCP segments without ACK where one was due", true),
    /** Segments with an impossible acknowledgment. */
    TCP_BAD_ACK("tcpBadAck", "TCP segments that acknowledge what was never sent", true),
    /** Answers to our SYN that echo a timestamp which none of ours had. */
    TCP_BAD_ECHO("tcpBadEcho", "TCP SYNs with ACK that echo a timestamp of another connection", true),
    /** Segments outside the window, duplicates included. */
    TCP_OUT_OF_WINDOW("tcpOutOfWindow", "TCP segments outside the receive window", true),
    /** Segments with an old timestamp. */
    TCP_PAWS("tcpPaws", "TCP segments with an old timestamp (RFC 7323)", true),
    /** Segments that lack their timestamp. */
    TCP_NO_TIMESTAMP("tcpNoTimestamp", "TCP segments without the timestamp that was agreed on", true),
    /** SYNs beyond a listener's limit, answered without keeping anything (RFC 4987). */
    TCP_COOKIES_SENT("tcpCookiesSent", "TCP SYNs answered with a cookie", false),
    /** Connections made from a cookie that came back. */
    TCP_COOKIES_ACCEPTED("tcpCookiesAccepted", "TCP connections made from cookies", false),
    /** SYNs that asked a listener for a Fast Open cookie and got one (RFC 7413). */
    TCP_FAST_OPEN_COOKIES_SENT(
            "tcpFastOpenCookiesSent", "TCP SYNs that asked for a Fast Open cookie and got one", false),
    /** Connections that a SYN with a Fast Open cookie of ours opened at once. */
    TCP_FAST_OPEN_ACCEPTED("tcpFastOpenAccepted", "TCP connections opened by the first SYN (Fast Open)", false),
    /** SYNs with a Fast Open cookie that is none of ours, or too old: the handshake is the usual one. */
    TCP_FAST_OPEN_BAD_COOKIE("tcpFastOpenBadCookie", "TCP SYNs with a Fast Open cookie that is not valid", false),
    /** SYNs that would have opened a connection at once, had not too many such been waiting for their handshake. */
    TCP_FAST_OPEN_QUEUE_FULL(
            "tcpFastOpenQueueFull", "TCP SYNs not opened at once because too many such were pending", false),
    /** Connections whose SYN took data along that the peer took. */
    TCP_FAST_OPEN_SENT("tcpFastOpenSent", "TCP connections whose peer took the data of our SYN (Fast Open)", false),
    /** Connections whose SYN took data along that the peer did not take, or that was lost. */
    TCP_FAST_OPEN_REFUSED(
            "tcpFastOpenRefused", "TCP connections whose peer did not take the data of our SYN (Fast Open)", false),
    /** Times that Fast Open was given up for a while, since a path seemed to swallow it. */
    TCP_FAST_OPEN_PAUSES("tcpFastOpenPauses", "times that Fast Open was paused because paths swallow it", false),
    /** Segments that may follow a cookie which did not come back. */
    TCP_AHEAD_OF_COOKIE(
            "tcpAheadOfCookie", "TCP segments that may follow one with a cookie, which has not come yet", true),
    /** SYNs beyond a listener's limit. */
    TCP_SYN_QUEUE_FULL("tcpSynQueueFull", "SYNs dropped because too many connections were half-open", true),
    /** Handshakes beyond a listener's backlog. */
    TCP_ACCEPT_QUEUE_FULL("tcpAcceptQueueFull", "handshakes not completed because the backlog was full", true),
    /** Segments beyond the limit of gaps. */
    TCP_REASSEMBLY_LIMIT("tcpReassemblyLimit", "TCP segments ahead of too many gaps", true),
    /** Connections that lost what they had received ahead of gaps, as others needed the memory. */
    TCP_REASSEMBLY_GIVEN_UP(
            "tcpReassemblyGivenUp",
            "TCP connections whose text ahead of gaps was given up because the buffer memory was used up",
            true),
    /** Segments for which there was no buffer memory. */
    TCP_NO_MEMORY("tcpNoMemory", "TCP segments dropped because the buffer memory was used up", true);

    private final CounterLabel label;

    StackCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}
