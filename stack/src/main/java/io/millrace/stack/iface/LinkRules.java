package io.millrace.stack.iface;

import io.millrace.stack.iface.address.DuplicateDetection;

/**
 * What an interface does and believes on its link.
 *
 * @param duplicateDetection how its addresses are checked
 * @param redirects4 whether ICMP redirects of gateways are followed (RFC 1122 section 3.2.2.2); by default not, as on
 *     most hosts of today, since everyone on the link can forge them
 * @param redirects6 whether redirects of routers are followed (RFC 4861 section 8.3); by default they are, since they
 *     tell hosts what is on-link
 */
public record LinkRules(DuplicateDetection duplicateDetection, boolean redirects4, boolean redirects6) {
    /** Optimistic checks of addresses, redirects for IPv6. */
    public static final LinkRules DEFAULT = new LinkRules(DuplicateDetection.OPTIMISTIC, false, true);

    /** The same with other checks of addresses. */
    public LinkRules withDuplicateDetection(final DuplicateDetection newDuplicateDetection) {
        return new LinkRules(newDuplicateDetection, redirects4, redirects6);
    }

    /** The same with redirects followed or not, for each family. */
    public LinkRules withRedirects(final boolean newRedirects4, final boolean newRedirects6) {
        return new LinkRules(duplicateDetection, newRedirects4, newRedirects6);
    }
}
