@NullMarked
package io.millrace.stack.timer;

import org.jspecify.annotations.NullMarked;
