@NullMarked
package io.millrace.stack.demux;

import org.jspecify.annotations.NullMarked;
