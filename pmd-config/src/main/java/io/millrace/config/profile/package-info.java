/**
 * Ready-made settings for one driver of {@code serve} or one mode of {@code forward} each, as YAML files among the
 * resources: a starting point to run as it is, or to print, edit and name with {@code --config}.
 */
@NullMarked
package io.millrace.config.profile;

import org.jspecify.annotations.NullMarked;
