@NullMarked
package io.millrace.stack.iface.neighbor;

import org.jspecify.annotations.NullMarked;
