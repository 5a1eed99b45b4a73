/**
 * What is known of the neighbours of a link, and the packets that wait until their link addresses are known (RFC 4861
 * section 7, and ARP in the same way). {@link io.millrace.stack.iface.neighbor.Neighbors} holds both families; how they
 * are asked, and what tells of them, is in the package above.
 */
@NullMarked
package io.millrace.stack.iface.neighbor;

import org.jspecify.annotations.NullMarked;
