/**
 * The services that {@code millrace serve} offers: echo (RFC 862), discard (RFC 863) and character generator (RFC 864)
 * over TCP, echo over UDP. Each works in place, on the bytes where the stack's socket buffers hold them, and each
 * instance belongs to one shard and its thread.
 */
@NullMarked
package io.millrace.bench.serve.service;

import org.jspecify.annotations.NullMarked;
