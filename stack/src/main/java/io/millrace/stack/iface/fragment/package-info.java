/**
 * Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 section 4.5): {@link io.millrace.stack.iface.fragment.Fragmenter} makes
 * them of packets that are too long for their path, {@link io.millrace.stack.iface.fragment.Reassembly} makes packets of
 * them. Both work on IP packets and know nothing of links, so they serve every medium, packets to ourselves and forwarded
 * ones alike. What is held on the way is bounded in memory, by source and in time, since whoever sends half of a datagram
 * makes us wait for the rest.
 */
@NullMarked
package io.millrace.stack.iface.fragment;

import org.jspecify.annotations.NullMarked;
