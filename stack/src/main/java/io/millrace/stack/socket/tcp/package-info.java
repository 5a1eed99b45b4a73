/**
 * TCP (RFC 9293). {@link io.millrace.stack.socket.tcp.TcpSocket}, {@link io.millrace.stack.socket.tcp.TcpListener} and
 * {@link io.millrace.stack.socket.tcp.TcpHandler} are what applications see, {@link
 * io.millrace.stack.socket.tcp.config.TcpConfig} and {@link io.millrace.stack.socket.tcp.TcpOptions} what they set, for
 * a stack and for one connection. Behind them {@code TcpConnection} is the state of a connection, and each class around
 * it the rules of one concern. They are one package since they work on that state in place:
 *
 * <table>
 * <caption>Where to look</caption>
 * <tr><td>segments that come</td><td>{@code TcpReceiver}, {@code SegmentChecks}, {@code Coalescer}, {@code TcpIngress},
 * {@code AckIngress}, {@code DuplicateReports}, {@code IcmpReaction}</td></tr>
 * <tr><td>segments that go</td><td>{@code ReadyList}, {@code TcpEgress}, {@code SynEgress}, {@code AckEgress}, {@code
 * ControlSegments}, {@code ResetReplies}, {@code SegmentWriter}</td></tr>
 * <tr><td>beginning</td><td>{@code TcpListeners}, {@code TcpActive}, {@code TcpPassive}, {@code HalfOpen}, {@code
 * TcpHandshake}, {@code SynCookies}, {@code FlowSecrets}, {@code FastOpen…}</td></tr>
 * <tr><td>end</td><td>{@code TcpClosing}, {@code TimeWait}, {@code AddressRemoval}</td></tr>
 * <tr><td>time</td><td>{@code TcpTimers}, {@code RttEstimator}, {@code TailProbe}</td></tr>
 * <tr><td>loss and rate</td><td>{@code LossRecovery}, {@code Reneging}, {@code Spurious}, {@code WindowUse}, {@code
 * Pacing}, {@code PathModel}, packages {@code recovery} and {@code congestion}</td></tr>
 * <tr><td>marks of congestion</td><td>{@code Ecn}, {@code AccurateEcn}, {@code EcnFeedback}, {@code EcnOptionRoom}</td></tr>
 * <tr><td>segment size</td><td>{@code SegmentSize}, {@code SizeSearch}, {@code PathAdvice}</td></tr>
 * <tr><td>windows and buffers</td><td>{@code ReceiveWindow}, {@code SendRoom}, {@code BufferTuning}, {@code RecordEnds},
 * {@code Transfer}, {@code Spares}</td></tr>
 * <tr><td>who sent it</td><td>{@code Signatures}, {@code AoSignatures}, {@code ConnectionKeys}, package {@code
 * keys}</td></tr>
 * <tr><td>within UDP</td><td>{@code TcpFlow}, {@code Encapsulations}, {@link
 * io.millrace.stack.socket.tcp.config.UdpEncapsulation}</td></tr>
 * <tr><td>urgent data</td><td>{@code Urgent}</td></tr>
 * <tr><td>times</td><td>{@link io.millrace.stack.socket.tcp.TcpTimes}, {@code SendMarks}, {@code ReceiveTimes}</td></tr>
 * <tr><td>what is told</td><td>{@code EventQueue}, {@link io.millrace.stack.socket.tcp.TcpInfo}, {@code BusyTime}, {@code
 * Hindrances}</td></tr>
 * </table>
 *
 * <p>Data may go with the SYN (TCP Fast Open, RFC 7413), so that an exchange takes one round trip where it took two.
 * Both ends must want that, for the network may deliver a SYN, and its data, twice. A server: {@code
 * listener.fastOpen().limit(256)}; its handler is then told of connections, and may answer, before their handshake is
 * complete. A client, before the stack is polled:
 *
 * <pre>{@code
 * TcpSocket<Ipv4Address> socket = stack.connect(server, handler);
 * socket.options().fastOpenConnect(true);
 * socket.send(request, 0, length); // with the SYN if the server gave us a cookie before, else after the handshake
 * }</pre>
 *
 * <p>Application threads set the same option by {@link io.millrace.stack.client.TcpChannel#options}: connecting then
 * returns at once where a cookie is known, and what is written first goes with the SYN.
 *
 * <p>Segments may travel within UDP, where a path lets nothing else through ({@link
 * io.millrace.stack.socket.tcp.config.UdpEncapsulation}). Both ends name a UDP port of theirs, {@code
 * TcpConfig.builder().udpEncapsulation(9899)}. The server does nothing else; the client says where to, before the stack
 * is polled:
 *
 * <pre>{@code
 * stack.connect(server, handler).options().opening().remoteUdpPort(9899);
 * }</pre>
 *
 * <p>Our port may change meanwhile ({@link io.millrace.stack.socket.tcp.Encapsulations}); connections keep theirs.
 *
 * <p>Routers may mark packets rather than drop them ({@link io.millrace.stack.socket.tcp.config.EcnMode}). With {@code
 * REQUEST_ACCURATE} both ends count marks, if the peer can, and {@link io.millrace.stack.socket.tcp.TcpInfo#ecnSent} tells
 * how many of our packets had one; {@link io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm#DCTCP} answers by
 * their share.
 *
 * <p>Where the time of a request goes, SO_TIMESTAMPING: {@link io.millrace.stack.socket.tcp.TcpTimes} has a handler told
 * when its last byte was made into a segment, taken by the port and acknowledged; {@link
 * io.millrace.stack.socket.tcp.TcpHandler#onAcknowledged} tells how much need not be kept any more.
 *
 * <p>What {@link io.millrace.stack.socket.tcp.config.TcpConfig} says holds as long as the stack; but what handshakes
 * offer, and which customs are followed, can be changed while there are connections, on the thread of the stack:
 *
 * <pre>{@code
 * stack.tcp().offer(new TcpOffer(true, true, true, EcnMode.REQUEST, true)); // timestamps, SACK, window scaling
 * stack.tcp().customs(TcpCustoms.LINUX);
 * }</pre>
 */
@NullMarked
package io.millrace.stack.socket.tcp;

import org.jspecify.annotations.NullMarked;
