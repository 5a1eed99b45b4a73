/** Tests of addresses and their text. */
@NullMarked
package io.millrace.stack.wire.address;

import org.jspecify.annotations.NullMarked;
