/**
 * What commands of {@code millrace} have in common but their options: how they tell of a user's error and of progress, and
 * how they start another process like their own.
 */
@NullMarked
package io.millrace.bench.command;

import org.jspecify.annotations.NullMarked;
