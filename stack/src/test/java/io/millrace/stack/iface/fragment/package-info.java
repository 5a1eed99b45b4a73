@NullMarked
package io.millrace.stack.iface.fragment;

import org.jspecify.annotations.NullMarked;
