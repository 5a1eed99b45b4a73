/**
 * Addresses as the API shows them. Hot paths carry an IP address as a {@code (long hi, long lo)} pair with an explicit
 * family instead, and a MAC address as the low 48 bits of a long.
 */
@NullMarked
package io.millrace.stack.wire.address;

import org.jspecify.annotations.NullMarked;
