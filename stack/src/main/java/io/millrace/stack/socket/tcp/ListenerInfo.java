package io.millrace.stack.socket.tcp;

/**
 * What a listener has counted until one moment; {@link TcpListener#info()} gives it.
 *
 * @param halfOpen connections that peers began to open and have not finished opening, now
 * @param accepted connections accepted
 * @param synOverflows SYNs dropped because too many connections were half-open
 * @param acceptOverflows SYNs and last segments of handshakes dropped because too many connections waited
 * @param cookiesSent SYNs answered with a cookie
 * @param cookiesAccepted connections made from cookies
 * @param deferred handshakes that waited for the peer to send something
 * @param handshakeTimeouts half-open connections given up
 */
public record ListenerInfo(
        int halfOpen,
        long accepted,
        long synOverflows,
        long acceptOverflows,
        long cookiesSent,
        long cookiesAccepted,
        long deferred,
        long handshakeTimeouts) {}
