/**
 * What makes a stack a router: the rules of forwarding, and what happens to a header on each hop. How packets get from
 * one interface to another is in the package above, which owns interfaces and routes.
 */
@NullMarked
package io.millrace.stack.iface.forward;

import org.jspecify.annotations.NullMarked;
