@NullMarked
package io.millrace.stack.socket.tcp.congestion;

import org.jspecify.annotations.NullMarked;
