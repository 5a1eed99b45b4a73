/** Internet checksum (RFC 1071). */
@NullMarked
package io.millrace.dataplane.checksum;

import org.jspecify.annotations.NullMarked;
