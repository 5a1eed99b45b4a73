/**
 * Interfaces: addresses, neighbours, routes, and the dispatch of what arrives to the protocol engines.
 *
 * <table>
 * <caption>Where to look</caption>
 * <tr><td>packets that come</td><td>{@code Ingress}, {@code IngressV4}, {@code IngressV6}, {@code ExtensionChain}, {@code
 * ReceiveChecksums}, {@code Transports}, {@code IcmpErrors}</td></tr>
 * <tr><td>packets that go</td><td>{@code IpLayer}, {@code HeaderWriter}, {@code Routing}, {@code SourceSelection}, {@code
 * FragmentOutput}, {@code RunOutput}, {@code TransmitChecksums}, {@code TransmitQueue}</td></tr>
 * <tr><td>packets of others</td><td>{@code Forwarding}, package {@code forward}</td></tr>
 * <tr><td>one link</td><td>{@code Link}, {@code VlanFilter}, {@code LinkSharing}</td></tr>
 * <tr><td>packets to ourselves</td><td>{@code SelfOutput}, {@code LocalQueue}</td></tr>
 * <tr><td>own addresses</td><td>package {@code address}, {@code AnycastAnswers}, {@code Groups}</td></tr>
 * <tr><td>neighbours</td><td>{@code Arp}, {@code Ndp}, {@code Redirects}, {@code Solicitation}, package {@code
 * neighbor}</td></tr>
 * <tr><td>fragments, path MTUs</td><td>packages {@code fragment} and {@code path}</td></tr>
 * </table>
 */
@NullMarked
package io.millrace.stack.iface;

import org.jspecify.annotations.NullMarked;
