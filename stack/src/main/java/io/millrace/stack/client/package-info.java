/**
 * Sockets for application threads: an ordinary program, on platform or virtual threads, uses a stack that runs in a
 * shard.
 *
 * <p><b>Threads.</b> This is the only package of the stack that other threads enter, and the only one that parks and
 * wakes them. {@link io.millrace.stack.client.ClientService} belongs to the shard's thread, which polls it beside the
 * stack; it never waits for anybody. All else may be used by any number of threads. A request travels to the shard as a
 * message in an Agrona many-to-one ring; the shard serves it between two polls of the stack and wakes whoever asked. No
 * request waits in the shard: one that cannot be served yet is answered so, and the asking thread parks until the shard
 * says that the socket became ready. Threads park with {@code LockSupport} and hold no monitor, so virtual threads give
 * their carriers back.
 *
 * <p><b>Ownership.</b> Payload is copied through a fixed number of places in off-heap memory, each lent to one request;
 * when all are lent, the next thread waits for one, and that is the back-pressure. Received bytes stay in the stack's
 * own buffers, and so within TCP's window, until a thread asks for them. A connection on which nothing happens holds
 * neither a place nor a thread, only a few small objects. The shard allocates when sockets are opened, accepted and
 * closed, and for notices that were asked for, not for their packets.
 *
 * <p>{@link io.millrace.stack.client.TcpChannel}, {@link io.millrace.stack.client.TcpServerChannel} and
 * {@link io.millrace.stack.client.UdpChannel} behave as sockets of Linux do, down to the errors
 * ({@link io.millrace.stack.client.SocketError}); {@link io.millrace.stack.client.Readiness} says what can be done
 * without waiting, and {@link io.millrace.stack.client.SendNotice} what became of something sent, if that was asked for.
 */
@NullMarked
package io.millrace.stack.client;

import org.jspecify.annotations.NullMarked;
