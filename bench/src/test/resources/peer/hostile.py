"""Sends what no honest host would, and prints what comes back: a line for each case, its name, a tab and the answers.

Behind each case goes an ordinary echo request. Packets are answered in order, so whatever comes before its reply is the
answer to the case, and nothing has to be waited for. Replies that go to another station than ours are marked.

Says "listening" before anything else, and then waits for a line, until there is a host.

Arguments: our interface, our IPv4 and IPv6 address; MAC, IPv4 and IPv6 address of the host under test.
"""

import socket
import sys
import time

from scapy.all import (
    ARP, Ether, ICMP, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_Redirect, ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr, IP, IPOption, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting, Raw, UDP, get_if_hwaddr, raw)
from scapy.layers.inet6 import HBHOptUnknown

DEVICE, MY4, MY6, HOST, HOST4, HOST6 = sys.argv[1:]
ME = get_if_hwaddr(DEVICE)
OTHER = "02:66:00:00:00:66"
ASKER = "fe80::77"
CASE, CANARY = 0x1234, 0x4321
PATIENCE = 60
USUAL = 2  # times that a host announces its IPv4 address when it is sure of it
ALL_NODES = Ether(src=ME, dst="33:33:00:00:00:01")
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind((DEVICE, 0))
print("listening", flush=True)  # from the first announcement on, if the host starts now
sys.stdin.readline()
sequence = 0
announcements = 0


def send(packet):
    frame = raw(packet)
    wire.send(frame + bytes(max(0, 60 - len(frame))))


def ours(layer, destination=HOST):
    return Ether(src=ME, dst=destination) / layer


def ip4(**fields):
    return IP(src=MY4, dst=HOST4, **fields)


def ip6(**fields):
    return IPv6(**({"src": MY6, "dst": HOST6} | fields))


def echo4(identifier=CASE, data=b""):
    return ICMP(id=identifier, seq=sequence) / Raw(data)


def echo6(identifier=CASE, data=b""):
    return ICMPv6EchoRequest(id=identifier, seq=sequence, data=data)


def is_announcement(packet):
    return ARP in packet and packet[ARP].op == 1 and packet[ARP].psrc == packet[ARP].pdst


def describe(packet):
    """The answer in a word or two; empty for what may come at any time."""
    word = ""
    if ARP in packet:
        arp = packet[ARP]
        word = "reply" if arp.op == 2 else "announcement" if is_announcement(packet) and announcements > USUAL else ""
    elif ICMP in packet and packet[ICMP].type == 0:
        word = "echo" + ("+options" if packet[IP].options else "")
    elif ICMP in packet:
        word = "error %d/%d" % (packet[ICMP].type, packet[ICMP].code)
    elif IPv6 in packet and packet[IPv6].nh == 58:
        icmp = bytes(packet[IPv6].payload)
        if icmp[0] == 129:
            word = "echo"
        elif icmp[0] == 136 and (packet[IPv6].dst == ASKER or packet.dst == OTHER):  # the kernel asks, too
            word = "advertisement"
        elif icmp[0] < 128:
            word = "error %d/%d at %d" % (icmp[0], icmp[1], int.from_bytes(icmp[4:8], "big"))
    elif IPv6 in packet:
        word = "next header %d" % packet[IPv6].nh
    if word and packet.dst not in (ME, "ff:ff:ff:ff:ff:ff", "33:33:00:00:00:01"):
        word += " to " + packet.dst
    return word


def identifier(packet):
    if ICMP in packet:
        return packet[ICMP].id if packet[ICMP].type == 0 else 0
    if IPv6 in packet and packet[IPv6].nh == 58:
        icmp = bytes(packet[IPv6].payload)
        return int.from_bytes(icmp[4:6], "big") if icmp[0] == 129 else 0
    return 0


def receive():
    """Packets of the host, until none of its packets has come for a while."""
    global announcements
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        wire.settimeout(max(0.001, end - time.monotonic()))
        try:
            packet = Ether(wire.recv(65536))
        except socket.timeout:
            return
        if packet.src == HOST:
            announcements += is_announcement(packet)
            yield packet


def answers(v6):
    """What the host sends until it answers an echo request that comes last."""
    send(ours(ip6() / echo6(CANARY)) if v6 else ours(ip4() / echo4(CANARY)))
    heard = []
    for packet in receive():
        word = describe(packet)
        if identifier(packet) == CANARY:
            return heard + ([word] if " to " in word else [])
        if word:
            heard.append(word)
    return heard + ["then silence"]


def case(name, *packets, v6=False):
    global sequence
    sequence += 1
    for packet in packets:
        send(packet)
    print(name + "\t" + ", ".join(answers(v6)), flush=True)


def pieces4(data, *cuts, more_last=0):
    """Fragments of a datagram: pairs of first and last byte behind it."""
    last = max(end for _, end in cuts)
    return [ours(ip4(id=0x100 + sequence, proto=1, frag=begin // 8, flags=more_last if end == last else 1)
                 / Raw(data[begin:end])) for begin, end in cuts]


def pieces6(data, *cuts, protocol=58):
    last = max(end for _, end in cuts)
    return [ours(ip6() / IPv6ExtHdrFragment(nh=protocol, offset=begin // 8, m=int(end != last), id=0x100 + sequence)
                 / Raw(data[begin:end])) for begin, end in cuts]


def bytes4():
    return raw(echo4(data=bytes(64)))


def bytes6():
    return raw(ip6() / echo6(data=bytes(64)))[40:]


def option(kind, length=4):
    return HBHOptUnknown(otype=kind, optdata=bytes(length))


# Until the host knows us.
sequence += 1
for v6 in (False, True):
    answers(v6)

case("whole4", *pieces4(bytes4(), (0, 24), (24, 48), (48, 72)))
case("reversed4", *reversed(pieces4(bytes4(), (0, 24), (24, 48), (48, 72))))
case("overlap4", *pieces4(bytes4(), (0, 24), (16, 48), (48, 72)))
case("inside4", *pieces4(bytes4(), (0, 48), (16, 32), (48, 72)))
case("too long 4", *pieces4(bytes4(), (0, 24), more_last=1), ours(ip4(id=0x200, proto=1, frag=8189) / Raw(bytes(200))))
case("whole6", *pieces6(bytes6(), (0, 24), (24, 48), (48, 72)), v6=True)
case("reversed6", *reversed(pieces6(bytes6(), (0, 24), (24, 48), (48, 72))), v6=True)
case("overlap6", *pieces6(bytes6(), (0, 24), (16, 48), (48, 72)), v6=True)
case("inside6", *pieces6(bytes6(), (0, 48), (16, 32), (48, 72)), v6=True)
case("atomic6", *pieces6(bytes6(), (0, 72)), v6=True)
case("headers missing 6", *pieces6(raw(IPv6ExtHdrDestOpt(nh=17, options=[option(0x1E)]) / UDP() / Raw(bytes(8))), (0, 8),
                                   (8, 24), protocol=60), v6=True)
solicitation = ICMPv6ND_NS(tgt=HOST6) / ICMPv6NDOptSrcLLAddr(lladdr=ME)
fragments = pieces6(raw(ip6(src=ASKER, hlim=255) / solicitation)[40:], (0, 16), (16, 32))
for packet in fragments:
    packet[IPv6].src = ASKER
    packet[IPv6].hlim = 255
case("solicitation in fragments", *fragments, v6=True)

case("unknown option 4", ours(ip4(options=[IPOption(b"\x9e\x04\x00\x00")]) / echo4()))
case("record route 4", ours(ip4(options=[IPOption(b"\x07\x07\x04\x00\x00\x00\x00"), IPOption(b"\x00")]) / echo4()))
case("source route 4", ours(ip4(options=[IPOption(b"\x83\x07\x04\x0a\x5b\x00\x01"), IPOption(b"\x00")]) / echo4()))
case("option too long 4", ours(ip4(options=[IPOption(b"\x9e\x20\x00\x00")]) / echo4()))
case("unknown protocol 4", ours(ip4(proto=253) / Raw(bytes(8))))
for name, kind in (("skip", 0x1E), ("discard", 0x5E), ("tell", 0x9E), ("tell unless group", 0xDE)):
    for header in (IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt):
        case(name + (" hop-by-hop" if header is IPv6ExtHdrHopByHop else " destination"),
             ours(ip6() / header(options=[option(kind)]) / echo6()), v6=True)
    case(name + " group", ALL_NODES / ip6(dst="ff02::1") / IPv6ExtHdrDestOpt(options=[option(kind)]) / echo6(), v6=True)
case("routing header", ours(ip6() / IPv6ExtHdrRouting(type=0, segleft=1, addresses=[MY6]) / echo6()), v6=True)
case("hop-by-hop second", ours(ip6() / IPv6ExtHdrDestOpt(options=[option(0x1E)])
                               / IPv6ExtHdrHopByHop(options=[option(0x1E)]) / echo6()), v6=True)
case("unknown protocol 6", ours(ip6(nh=253) / Raw(bytes(8))), v6=True)

case("solicitation", ours(ip6(src=ASKER, hlim=255) / solicitation), v6=True)
case("solicitation from afar", ours(ip6(src=ASKER, hlim=254) / solicitation), v6=True)
case("advertisement for us", ours(ip6(hlim=255) / ICMPv6ND_NA(tgt=MY6, R=0, S=0, O=1)
                                  / ICMPv6NDOptDstLLAddr(lladdr=OTHER)), v6=True)
case("advertisement from afar", ours(ip6(hlim=254) / ICMPv6ND_NA(tgt=MY6, R=0, S=1, O=1)
                                     / ICMPv6NDOptDstLLAddr(lladdr=OTHER)), v6=True)
case("solicitation in our name", ours(ip6(hlim=255) / ICMPv6ND_NS(tgt=HOST6) / ICMPv6NDOptSrcLLAddr(lladdr=OTHER)),
     v6=True)
case("redirect from no router", ours(ip6(src="fe80::66", hlim=255) / ICMPv6ND_Redirect(tgt="fe80::66", dst=MY6)
                                     / ICMPv6NDOptDstLLAddr(lladdr=OTHER)), v6=True)
case("arp reply for us", ours(ARP(op=2, hwsrc=OTHER, psrc=MY4, hwdst=HOST, pdst=HOST4)))
case("arp announcement for us", Ether(src=OTHER, dst="ff:ff:ff:ff:ff:ff")
     / ARP(op=1, hwsrc=OTHER, psrc=MY4, hwdst="00:00:00:00:00:00", pdst=MY4))
if announcements < USUAL:  # not yet sure of its address, it would give it up
    next(packet for packet in receive() if announcements == USUAL)
case("arp of its own address", Ether(src=OTHER, dst="ff:ff:ff:ff:ff:ff")
     / ARP(op=1, hwsrc=OTHER, psrc=HOST4, hwdst="00:00:00:00:00:00", pdst=HOST4))
case("arp of its own address again", Ether(src=OTHER, dst="ff:ff:ff:ff:ff:ff")
     / ARP(op=1, hwsrc=OTHER, psrc=HOST4, hwdst="00:00:00:00:00:00", pdst=HOST4))
case("its own address as source 4", ours(IP(src=HOST4, dst=HOST4) / echo4()))
case("its own address as source 6", ours(ip6(src=HOST6) / echo6()), v6=True)
case("group as source 4", ours(IP(src="224.0.0.1", dst=HOST4) / echo4()))
case("group as source 6", ours(ip6(src="ff02::1") / echo6()), v6=True)
