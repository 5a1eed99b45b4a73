@NullMarked
package io.millrace.stack.wire;

import org.jspecify.annotations.NullMarked;
