package io.millrace.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client of the kernel's TCP and UDP, run as a process in the peer's namespace. Prints {@code ok} and exits with 0 when
 * every byte came back as it was sent.
 */
final class EchoClient {
    private static final int TIMEOUT_MILLIS = 100_000;

    private EchoClient() {}

    /** {@code tcp|udp ADDRESS PORT COUNT BYTES}. */
    public static void main(String[] args) throws Exception {
        final InetSocketAddress server = new InetSocketAddress(args[1], Integer.parseInt(args[2]));
        final int count = Integer.parseInt(args[3]);
        final int bytes = Integer.parseInt(args[4]);
        if (args[0].equals("tcp")) {
            tcp(server, count, bytes);
        } else {
            udp(server, count, bytes);
        }
        System.out.println("ok");
    }

    /** All connections are open at the same time before the first byte is sent. */
    private static void tcp(InetSocketAddress server, int count, int bytes) throws Exception {
        final CountDownLatch open = new CountDownLatch(count);
        final CountDownLatch done = new CountDownLatch(count);
        final AtomicInteger good = new AtomicInteger();
        final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        for (int i = 0; i < count; i++) {
            final int seed = i;
            Thread.ofVirtual().start(() -> {
                try (Socket socket = new Socket()) {
                    socket.setSoTimeout(TIMEOUT_MILLIS);
                    socket.connect(server, TIMEOUT_MILLIS);
                    open.countDown();
                    open.await();
                    echo(socket, seed, bytes);
                    good.incrementAndGet();
                } catch (Exception e) {
                    failure.compareAndSet(null, new Exception("connection " + seed, e));
                    open.countDown();
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        if (good.get() != count) {
            throw new Exception(good + " of " + count + " connections echoed", failure.get());
        }
    }

    private static void echo(Socket socket, int seed, int bytes) throws Exception {
        final byte[] sent = new byte[bytes];
        new Random(seed).nextBytes(sent);
        final Thread writer = Thread.ofVirtual().start(() -> {
            try {
                socket.getOutputStream().write(sent);
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        final InputStream in = socket.getInputStream();
        final byte[] received = in.readNBytes(bytes);
        if (!Arrays.equals(sent, received)) {
            throw new IOException("echo of " + received.length + " bytes differs");
        }
        if (in.read() != -1) {
            throw new IOException("bytes behind the echo");
        }
        writer.join();
    }

    private static void udp(InetSocketAddress server, int count, int bytes) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(server);
            final Random random = new Random(1);
            for (int i = 0; i < count; i++) {
                final byte[] sent = new byte[1 + i % bytes]; // DatagramSocket does not deliver empty ones
                random.nextBytes(sent);
                socket.send(new DatagramPacket(sent, sent.length));
                final DatagramPacket answer = new DatagramPacket(new byte[bytes + 1], bytes + 1);
                socket.receive(answer);
                if (!Arrays.equals(sent, Arrays.copyOf(answer.getData(), answer.getLength()))) {
                    throw new IOException("datagram " + i + " of " + sent.length + " bytes came back as "
                            + answer.getLength() + " bytes or changed");
                }
            }
        }
    }
}
