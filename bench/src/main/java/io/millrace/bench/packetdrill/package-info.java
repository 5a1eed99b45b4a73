/**
 * Runs scripts in the language of packetdrill against our stack, in process and on virtual time: {@link
 * io.millrace.bench.packetdrill.PacketdrillCommand} is how a person does it, {@link
 * io.millrace.bench.packetdrill.ScriptRunner} how a test does. Each script gets a stack of its own with Linux's defaults
 * where a script can see them. Sequence numbers, timestamps and ports of a script are mapped to the stack's and back.
 *
 * <p>Differences to packetdrill: a burst that Linux would hand to its device in one piece may leave in several segments
 * of full size; payload is no zeros but a pattern, checked at both ends; addresses and ports that scripts do not spell
 * out are the same in every run.
 */
@NullMarked
package io.millrace.bench.packetdrill;

import org.jspecify.annotations.NullMarked;
