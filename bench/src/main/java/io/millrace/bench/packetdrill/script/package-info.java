/**
 * Scripts in the language of packetdrill as text and as what they say: {@link
 * io.millrace.bench.packetdrill.script.ScriptParser} turns one into the other. Nothing here knows of a stack. What the
 * language has but nobody here runs (GRE, MPLS, PSP and the like) is told apart from what is no
 * script.
 */
@NullMarked
package io.millrace.bench.packetdrill.script;

import org.jspecify.annotations.NullMarked;
