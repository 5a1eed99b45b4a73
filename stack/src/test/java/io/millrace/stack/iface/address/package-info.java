@NullMarked
package io.millrace.stack.iface.address;

import org.jspecify.annotations.NullMarked;
