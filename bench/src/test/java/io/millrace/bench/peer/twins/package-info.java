/** Made-up segments and calls, given to Linux's TCP and to ours: what both send, answer and are ready for is compared. */
@NullMarked
package io.millrace.bench.peer.twins;

import org.jspecify.annotations.NullMarked;
