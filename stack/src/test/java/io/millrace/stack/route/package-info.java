@NullMarked
package io.millrace.stack.route;

import org.jspecify.annotations.NullMarked;
