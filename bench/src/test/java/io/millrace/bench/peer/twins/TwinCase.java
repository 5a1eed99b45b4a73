package io.millrace.bench.peer.twins;

import java.util.List;

/**
 * Steps for both twins.
 *
 * @param first the peer's first sequence number
 * @param ipv6 which family
 * @param scaling whether the peer offers window scaling
 * @param timestamps whether the peer offers timestamps
 * @param cookies whether SYNs are answered with cookies, rather than if there are too many
 * @param steps as {@link Twin#step} takes them
 */
record TwinCase(int first, boolean ipv6, boolean scaling, boolean timestamps, boolean cookies, List<String> steps) {
    /** The same with other steps. */
    TwinCase with(List<String> others) {
        return new TwinCase(first, ipv6, scaling, timestamps, cookies, List.copyOf(others));
    }
}
