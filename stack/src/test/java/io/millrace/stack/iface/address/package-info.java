/**
 * Tests of the parts of an interface by themselves, where a whole stack would hide what they do. What an interface does
 * as a whole is tested in the package above, with frames.
 */
@NullMarked
package io.millrace.stack.iface.address;

import org.jspecify.annotations.NullMarked;
