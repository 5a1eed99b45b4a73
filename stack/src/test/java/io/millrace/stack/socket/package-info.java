/** Tests of what all sockets share. */
@NullMarked
package io.millrace.stack.socket;

import org.jspecify.annotations.NullMarked;
