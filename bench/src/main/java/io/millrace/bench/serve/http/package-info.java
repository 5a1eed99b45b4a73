/**
 * A small HTTP/1.1 server for static files (RFC 9110, RFC 9112) on this project's own TCP sockets. {@link
 * io.millrace.bench.serve.http.RequestParser} reads requests byte by byte as they arrive, {@link
 * io.millrace.bench.serve.http.StaticSite} finds what they name and never leaves its folder, {@link
 * io.millrace.bench.serve.http.HttpConnection} ties both to one connection, and {@link
 * io.millrace.bench.serve.http.HttpService} to one shard.
 */
@NullMarked
package io.millrace.bench.serve.http;

import org.jspecify.annotations.NullMarked;
