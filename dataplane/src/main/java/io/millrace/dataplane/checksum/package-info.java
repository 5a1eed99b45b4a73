/**
 * The internet checksum of RFC 1071: sums over native memory, pseudo headers of both IP families, and the incremental
 * update of RFC 1624. Everything is static and allocates nothing.
 */
@NullMarked
package io.millrace.dataplane.checksum;

import org.jspecify.annotations.NullMarked;
