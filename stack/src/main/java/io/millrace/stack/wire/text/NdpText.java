package io.millrace.stack.wire.text;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.NdpOptionView;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.RouterAdvertisementView;

/** Neighbour discovery (RFC 4861) with all options that are known. */
final class NdpText {
    /** Most options that are told; more are no message of anybody's, and a line is to be read. */
    private static final int MAX_OPTIONS = 16;

    private static final long INFINITE = 0xFFFF_FFFFL;

    private NdpText() {}

    static void append(final Line line, final int type, final long at, final long end) {
        final int headerLength = switch (type) {
            case NdpView.ROUTER_SOLICITATION -> NdpView.ROUTER_SOLICITATION_LENGTH;
            case NdpView.ROUTER_ADVERTISEMENT -> RouterAdvertisementView.LENGTH;
            case NdpView.REDIRECT -> NdpView.REDIRECT_LENGTH;
            default -> NdpView.LENGTH;
        };
        line.text(name(type));
        if (end - at < headerLength) {
            line.text(" ").cut("ndp");
            return;
        }
        switch (type) {
            case NdpView.NEIGHBOR_SOLICITATION -> line.text(", who has ").ipv6At(at + NdpView.TARGET_OFFSET);
            case NdpView.NEIGHBOR_ADVERTISEMENT -> {
                line.text(", tgt is ").ipv6At(at + NdpView.TARGET_OFFSET);
                flags(line, NdpView.flags(line.memory(), at));
            }
            case NdpView.REDIRECT ->
                line.text(", ")
                        .ipv6At(at + NdpView.DESTINATION_OFFSET)
                        .text(" to ")
                        .ipv6At(at + NdpView.TARGET_OFFSET);
            case NdpView.ROUTER_ADVERTISEMENT -> router(line, at);
            default -> {}
        }
        options(line, at + headerLength, end);
    }

    private static String name(final int type) {
        return switch (type) {
            case NdpView.ROUTER_SOLICITATION -> "router solicitation";
            case NdpView.ROUTER_ADVERTISEMENT -> "router advertisement";
            case NdpView.NEIGHBOR_SOLICITATION -> "neighbor solicitation";
            case NdpView.NEIGHBOR_ADVERTISEMENT -> "neighbor advertisement";
            default -> "redirect";
        };
    }

    private static void flags(final Line line, final int flags) {
        if ((flags & (NdpView.ROUTER | NdpView.SOLICITED | NdpView.OVERRIDE)) == 0) {
            return;
        }
        line.text(", Flags [");
        String joint = "";
        if ((flags & NdpView.ROUTER) != 0) {
            line.text("router");
            joint = ",";
        }
        if ((flags & NdpView.SOLICITED) != 0) {
            line.text(joint).text("solicited");
            joint = ",";
        }
        if ((flags & NdpView.OVERRIDE) != 0) {
            line.text(joint).text("override");
        }
        line.text("]");
    }

    private static void router(final Line line, final long at) {
        final int flags = RouterAdvertisementView.flags(line.memory(), at);
        line.text(", hop limit ").number(RouterAdvertisementView.hopLimit(line.memory(), at));
        if ((flags & RouterAdvertisementView.MANAGED) != 0) {
            line.text(", managed");
        }
        if ((flags & RouterAdvertisementView.OTHER) != 0) {
            line.text(", other stateful");
        }
        final int preference = NdpOptionView.preference(flags);
        line.text(preference == 0 ? "" : preference > 0 ? ", pref high" : ", pref low");
        line.text(", router lifetime ")
                .number(RouterAdvertisementView.routerLifetime(line.memory(), at))
                .text("s");
        line.text(", reachable ")
                .number(RouterAdvertisementView.reachableTime(line.memory(), at))
                .text("ms");
        line.text(", retrans ")
                .number(RouterAdvertisementView.retransTimer(line.memory(), at))
                .text("ms");
    }

    private static void options(final Line line, final long from, final long end) {
        long at = from;
        for (int options = 0; at < end; options++) {
            if (options == MAX_OPTIONS) {
                line.text(", and more options");
                return;
            }
            final int length = NdpOptionView.check(line.memory(), at, (int) Math.min(end - at, Integer.MAX_VALUE));
            line.text(", ");
            if (length < 0) {
                line.cut("option");
                return;
            }
            option(line, at, length);
            at += length;
        }
    }

    private static void option(final Line line, final long at, final int length) {
        final int type = NdpOptionView.type(line.memory(), at);
        if (!NdpOptionView.isWellFormed(line.memory(), at, length)) {
            line.text("malformed option ").number(type);
            return;
        }
        switch (type) {
            case NdpOptionView.SOURCE_LINK_ADDRESS ->
                line.text("source link-address ").mac(NdpOptionView.linkAddress(line.memory(), at));
            case NdpOptionView.TARGET_LINK_ADDRESS ->
                line.text("destination link-address ").mac(NdpOptionView.linkAddress(line.memory(), at));
            case NdpOptionView.MTU -> line.text("mtu ").number(NdpOptionView.mtu(line.memory(), at));
            case NdpOptionView.PREFIX_INFORMATION -> prefix(line, at);
            case NdpOptionView.ROUTE_INFORMATION -> {
                line.text("route ")
                        .ipv6(
                                NdpOptionView.routeHi(line.memory(), at, length),
                                NdpOptionView.routeLo(line.memory(), at, length));
                line.text("/").number(NdpOptionView.prefixLength(line.memory(), at));
                lifetime(line.text(" lifetime "), NdpOptionView.lifetime(line.memory(), at));
            }
            case NdpOptionView.DNS_SERVERS -> {
                lifetime(line.text("rdnss lifetime "), NdpOptionView.lifetime(line.memory(), at));
                for (long i = at + NdpOptionView.DNS_OFFSET; i < at + length; i += 16) {
                    line.text(" ").ipv6At(i);
                }
            }
            case NdpOptionView.DNS_SEARCH_LIST -> {
                lifetime(line.text("dnssl lifetime "), NdpOptionView.lifetime(line.memory(), at));
                names(line, at + NdpOptionView.DNS_OFFSET, at + length);
            }
            case NdpOptionView.NONCE -> line.text("nonce ").bytes(at + 2, at + length);
            case NdpOptionView.REDIRECTED_HEADER -> {
                line.text("redirected");
                IpText.quoted(line, at + NdpOptionView.REDIRECTED_OFFSET, at + length);
            }
            default -> line.text("option ").number(type).text(" length ").number(length);
        }
    }

    private static void prefix(final Line line, final long at) {
        final int flags = NdpOptionView.prefixFlags(line.memory(), at);
        line.text("prefix ")
                .ipv6(NdpOptionView.prefixHi(line.memory(), at), NdpOptionView.prefixLo(line.memory(), at))
                .text("/")
                .number(NdpOptionView.prefixLength(line.memory(), at));
        line.text((flags & NdpOptionView.ON_LINK) != 0 ? " onlink" : "");
        line.text((flags & NdpOptionView.AUTONOMOUS) != 0 ? " auto" : "");
        lifetime(line.text(" valid "), NdpOptionView.validLifetime(line.memory(), at));
        lifetime(line.text(" pref "), NdpOptionView.preferredLifetime(line.memory(), at));
    }

    private static void lifetime(final Line line, final long seconds) {
        if (seconds == INFINITE) {
            line.text("infinity");
        } else {
            line.number(seconds).text("s");
        }
    }

    /** Names in the uncompressed form of DNS, each ended by an empty label, then padding. */
    private static void names(final Line line, final long from, final long end) {
        long at = from;
        boolean inName = false;
        while (at < end) {
            final int label = Net.u8(line.memory(), at);
            if (label == 0) {
                inName = false;
                at++;
                continue;
            }
            if (label > 63 || at + 1 + label > end) {
                line.text(" ").cut("name");
                return;
            }
            line.text(inName ? "." : " ");
            for (long i = at + 1; i <= at + label; i++) {
                final int c = Net.u8(line.memory(), i);
                line.out().append(c > 0x20 && c < 0x7F ? (char) c : '?');
            }
            inName = true;
            at += 1L + label;
        }
    }
}
