@NullMarked
package io.millrace.stack.iface.path;

import org.jspecify.annotations.NullMarked;
