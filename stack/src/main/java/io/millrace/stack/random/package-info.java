/**
 * Unpredictable numbers: keys, sequence numbers, ports, identifiers. Everything that a peer off the path must not guess
 * comes from here, and a seed makes all of it repeatable in tests.
 */
@NullMarked
package io.millrace.stack.random;

import org.jspecify.annotations.NullMarked;
