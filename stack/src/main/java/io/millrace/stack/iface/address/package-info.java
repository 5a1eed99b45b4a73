/**
 * The addresses of an interface itself: which there are and what it listens to ({@code AddressSet}), and the life of each
 * ({@code AddressLife}), from the check that nobody else has it to its end. What the life has to say on the link goes
 * through {@code AddressMessages}. All of it is for the thread that polls the stack.
 */
@NullMarked
package io.millrace.stack.iface.address;

import org.jspecify.annotations.NullMarked;
