package io.millrace.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Holds connections of the kernel's to an echo service open, run as a process in the peer's namespace. Reads commands
 * from standard input, a line each, and prints {@code ok} once each was done: {@code open COUNT}, {@code echo}, which
 * exchanges a few bytes over every connection, {@code close COUNT}, which ends the oldest ones.
 */
final class HeldConnections {
    private static final int TIMEOUT_MILLIS = 100_000;
    private static final int BYTES = 100;

    private HeldConnections() {}

    /** {@code ADDRESS PORT}. */
    public static void main(String[] args) throws IOException {
        final InetSocketAddress server = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
        final List<Socket> sockets = new ArrayList<>();
        final BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int round = 0;
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            final String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "open" -> open(sockets, Integer.parseInt(words[1]), server);
                case "echo" -> echo(sockets, (byte) round++);
                case "close" -> close(sockets, Integer.parseInt(words[1]));
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println("ok");
        }
    }

    private static void open(List<Socket> sockets, int count, InetSocketAddress server) throws IOException {
        for (int i = 0; i < count; i++) {
            final Socket socket = new Socket();
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(server, TIMEOUT_MILLIS);
            sockets.add(socket);
        }
    }

    private static void echo(List<Socket> sockets, byte fill) throws IOException {
        final byte[] bytes = new byte[BYTES];
        for (final Socket socket : sockets) {
            Arrays.fill(bytes, fill);
            socket.getOutputStream().write(bytes);
        }
        for (final Socket socket : sockets) {
            final byte[] back = socket.getInputStream().readNBytes(BYTES);
            if (!Arrays.equals(back, bytes)) {
                throw new IOException("a connection answered with " + Arrays.toString(back));
            }
        }
    }

    /** Our end closes first, so that TIME-WAIT is the kernel's. */
    private static void close(List<Socket> sockets, int count) throws IOException {
        for (final Socket socket : sockets.subList(0, count)) {
            socket.shutdownOutput();
            if (socket.getInputStream().read() != -1) {
                throw new IOException("a connection said something at its end");
            }
            socket.close();
        }
        sockets.subList(0, count).clear();
    }
}
