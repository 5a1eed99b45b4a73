/**
 * What is known about the paths to destinations: the largest packets that they take, as routers told (RFC 1191, RFC
 * 8201). Whether to believe them is for the caller to check; what is kept here is bounded and ages.
 */
@NullMarked
package io.millrace.stack.iface.path;

import org.jspecify.annotations.NullMarked;
