package io.millrace.dataplane.filter;

import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;

/**
 * A compiled filter expression. The language is that of {@code pcap-filter(7)}, and so is what an expression means:
 *
 * <ul>
 *   <li>{@code host}, {@code net}, {@code port} and {@code portrange}, with {@code src}, {@code dst}, {@code src or dst},
 *       {@code src and dst} and a protocol in front; addresses of IPv4, IPv6 and, with {@code ether}, MAC addresses
 *   <li>{@code ip}, {@code ip6}, {@code arp}, {@code rarp}, {@code tcp}, {@code udp}, {@code sctp}, {@code icmp}, {@code
 *       icmp6}, {@code igmp}, {@code esp}, {@code ah}, {@code pim}, {@code vrrp}, {@code proto}, {@code ether proto}
 *   <li>{@code vlan}, with or without a number, which moves what stands behind it past the tag
 *   <li>{@code broadcast}, {@code multicast}, {@code less}, {@code greater}
 *   <li>comparisons of bytes, {@code tcp[tcpflags] & (tcp-syn|tcp-fin) != 0}, and of {@code len}
 *   <li>{@code and}, {@code or} (of the same rank), {@code not}, parentheses
 * </ul>
 *
 * <p>Ports and protocols are numbers, or the names of protocols above; names of hosts and services are not looked up. A
 * packet that ends before what the expression reads is not matched, not even by {@code not}. As with libpcap, {@code
 * port} over IPv6 sees no extension headers, and {@code tcp[...]} means IPv4.
 *
 * <pre>{@code
 * PacketFilter.Matcher matcher = PacketFilter.compile("tcp port 80 and not host 192.0.2.1", Medium.ETHERNET).matcher();
 * if (matcher.matches(memory, offset, length)) ...
 * }</pre>
 *
 * <p>Immutable. A program costs some nanoseconds for each comparison, and allocates nothing.
 */
public final class PacketFilter {
    private final String expression;
    private final Medium medium;
    private final Program program;

    private PacketFilter(final String expression, final Medium medium, final Program program) {
        this.expression = expression;
        this.medium = medium;
        this.program = program;
    }

    /**
     * Compiles an expression.
     *
     * @param expression a blank one lets all packets through
     * @param medium what packets begin with
     * @throws FilterException if it is none
     */
    public static PacketFilter compile(final String expression, final Medium medium) {
        final Condition condition = new Parser(expression, new Headers(medium)).parse();
        return new PacketFilter(expression.strip(), medium, ProgramWriter.write(condition));
    }

    /** What it was compiled from. */
    public String expression() {
        return expression;
    }

    /** What packets begin with. */
    public Medium medium() {
        return medium;
    }

    /** Something to match packets with, for one thread. */
    public Matcher matcher() {
        return new Matcher(program);
    }

    @Override
    public String toString() {
        return expression;
    }

    /** Matches packets. Not thread-safe. */
    public static final class Matcher {
        private final Program program;
        private final int[] words;

        private Matcher(final Program program) {
            this.program = program;
            this.words = new int[program.aside()];
        }

        /**
         * Whether a packet is what the filter wants.
         *
         * @param offset of its first byte within {@code memory}
         * @param length its bytes
         */
        public boolean matches(final MemorySegment memory, final long offset, final int length) {
            return program.matches(memory, offset, length, length, words);
        }

        /**
         * As above, of a packet that is not there in full.
         *
         * @param captured bytes from {@code offset} on that are there
         * @param length bytes that it had, which {@code len}, {@code less} and {@code greater} mean
         */
        public boolean matches(final MemorySegment memory, final long offset, final int captured, final int length) {
            return program.matches(memory, offset, captured, length, words);
        }
    }
}
