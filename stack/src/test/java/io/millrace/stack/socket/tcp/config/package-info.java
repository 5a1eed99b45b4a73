@NullMarked
package io.millrace.stack.socket.tcp.config;

import org.jspecify.annotations.NullMarked;
