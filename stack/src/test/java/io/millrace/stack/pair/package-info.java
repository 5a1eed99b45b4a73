/**
 * What TCP promises between two ends of ours, whatever their settings, their applications and the wire between them do. Run
 * by {@code TcpPairTest} with made-up cases, each of which a seed makes again.
 */
@NullMarked
package io.millrace.stack.pair;

import org.jspecify.annotations.NullMarked;
