/** Tests of the parts of loss recovery, without a connection around them. */
@NullMarked
package io.millrace.stack.socket.tcp.recovery;

import org.jspecify.annotations.NullMarked;
