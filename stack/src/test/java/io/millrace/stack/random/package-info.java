@NullMarked
package io.millrace.stack.random;

import org.jspecify.annotations.NullMarked;
