@NullMarked
package io.millrace.stack.socket.tcp;

import org.jspecify.annotations.NullMarked;
