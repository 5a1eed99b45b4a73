package io.millrace.stack.socket.icmp;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.ReplyLimit;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4OptionEcho;
import io.millrace.stack.wire.Ipv4View;
import java.lang.foreign.MemorySegment;

/**
 * Answers echo requests (RFC 1122 section 3.2.2.6, RFC 4443 section 4.2) in the buffer that they came in, as often as a
 * limit for all and one for each source give. Requests to an IPv4 broadcast address or group are not answered, which
 * RFC 1122 allows and the smurf attack made everyone's choice; those to an IPv6 group are, as RFC 4443 wants it.
 *
 * <p>Timestamp requests (RFC 1122 section 3.2.2.8) count as echo requests, but are answered only if the stack is told to:
 * they tell a stranger a clock. It is the stack's, marked as non-standard since it does not count from midnight. Address
 * masks (RFC 950) and information requests are obsolete (RFC 6918) and get no answer.
 */
final class EchoResponder {
    private static final int RECEIVED_OFFSET = IcmpView.DATA_OFFSET + 4;
    private static final int TRANSMITTED_OFFSET = IcmpView.DATA_OFFSET + 8;

    /** A time that is not milliseconds since midnight UT has this bit set (RFC 792). */
    private static final int NON_STANDARD = 0x8000_0000;

    private final IpOutput output;
    private final PacketStore packets;
    private final Counters<StackCounter> counters;
    private final ReplyLimit replies;
    private final boolean timestamps;
    private final IpRepr out = new IpRepr();

    EchoResponder(
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final int repliesPerSecond,
            final boolean timestamps) {
        this.output = output;
        this.packets = output.packets();
        this.counters = counters;
        this.timestamps = timestamps;
        this.replies = new ReplyLimit(repliesPerSecond, repliesPerSecond, entropy);
    }

    /** Whether timestamp requests are answered. */
    boolean answersTimestamps() {
        return timestamps;
    }

    /** Answers a request; arguments as of {@link IcmpEngine#receive}. */
    void answer(
            final IpRepr ip,
            final long handle,
            final long offset,
            final int received,
            final boolean group,
            final long now) {
        final boolean v4 = ip.family == IpFamily.V4;
        final MemorySegment memory = packets.memory(handle);
        final int request = IcmpView.type(memory, offset);
        final boolean times = v4 && request == Icmpv4View.TIMESTAMP;
        if (times && received < Icmpv4View.TIMESTAMP_LENGTH) {
            counters.increment(StackCounter.ICMP_TRUNCATED);
            return;
        }
        if (v4 && group) {
            counters.increment(StackCounter.ICMP_ECHO_BROADCAST);
            return;
        }
        if (!replies.take(ip, now)) {
            counters.increment(StackCounter.ICMP_ECHO_RATE_LIMITED);
            return;
        }
        out.replyTo(ip, SocketSettings.DEFAULT_HOP_LIMIT);
        out.trafficClass = ip.trafficClass;
        out.protocol = ip.protocol;
        final boolean foreign = group || output.isAnycast(out.family, out.srcHi, out.srcLo);
        if (foreign && !output.selectSource(out)) {
            counters.increment(StackCounter.TX_NO_ROUTE);
            return;
        }
        final int length = times ? Icmpv4View.TIMESTAMP_LENGTH : received;
        final int reply = times ? Icmpv4View.TIMESTAMP_REPLY : v4 ? Icmpv4View.ECHO_REPLY : Icmpv6View.ECHO_REPLY;
        // The message goes back as it is: begin the packet at it, or at its header if that has options, change its
        // type.
        if (v4 && ip.optionsLength > 0 && echoesOptions(ip, memory, offset, now)) {
            beginAtHeader(ip, handle, memory, offset, length);
        } else {
            packets.bounds(handle, offset, length);
        }
        if (foreign || times) {
            IcmpView.writeEcho(
                    memory, offset, reply, IcmpView.identifier(memory, offset), IcmpView.sequence(memory, offset));
            if (times) {
                final int time = NON_STANDARD | (int) (now / 1000);
                Net.put32(memory, offset + RECEIVED_OFFSET, time);
                Net.put32(memory, offset + TRANSMITTED_OFFSET, time);
            }
            IcmpEngine.seal(out, memory, offset, length);
        } else {
            // Swapped addresses leave the pseudo header's sum as it was.
            IcmpView.retype(memory, offset, reply);
        }
        counters.increment(times ? StackCounter.TIMESTAMP_REPLIES_SENT : StackCounter.ECHO_REPLIES_SENT);
        output.send(handle, out);
    }

    private static boolean echoesOptions(
            final IpRepr ip, final MemorySegment memory, final long offset, final long now) {
        return Ipv4OptionEcho.rewrite(memory, offset - ip.optionsLength, ip.optionsLength, ip.dstLo, now);
    }

    /** Makes the request's header that of the reply, options behind it kept. */
    private void beginAtHeader(
            final IpRepr ip, final long handle, final MemorySegment memory, final long offset, final int length) {
        final int headerLength = Ipv4View.MIN_LENGTH + ip.optionsLength;
        final long header = offset - headerLength;
        Ipv4View.write(
                memory,
                header,
                out.trafficClass,
                headerLength + length,
                0,
                Ipv4View.DONT_FRAGMENT,
                out.hopLimit,
                out.protocol,
                out.srcLo,
                out.dstLo);
        Ipv4View.headerLength(memory, header, headerLength);
        packets.bounds(handle, header, headerLength + length);
        out.headerIncluded = true;
    }
}
