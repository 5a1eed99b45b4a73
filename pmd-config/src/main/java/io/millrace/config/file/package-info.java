/**
 * The configuration file: YAML 1.2 read with snakeyaml-engine into a layer of settings. Only the node tree is used, no
 * object is ever constructed from a tag, and every node's line and column goes along with its text.
 */
@NullMarked
package io.millrace.config.file;

import org.jspecify.annotations.NullMarked;
