package io.millrace.bench.demo;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLConnection;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Linux's own stack as the peer, through the sockets of the JDK and the {@code ping} of the system. The process has to be
 * in the namespace that the peer's interface is in.
 */
final class LinuxPeer implements DemoPeer {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String PING_SECONDS = "20";
    private static final int AT_ONCE = 8;
    private static final int MESSAGE = 64;
    private static final Pattern RTT = Pattern.compile("icmp_seq=(\\d+) ttl=\\d+ time=([0-9.]+) ms");

    LinuxPeer() {}

    @Override
    public Histogram ping(String address, int count) throws IOException, InterruptedException {
        final Histogram histogram = histogram();
        try {
            // With -w it waits for a last answer that is late; for one that is lost it asks more often than it should.
            final Matcher times = RTT.matcher(Namespace.runHere(
                    "ping", "-n", "-c", Integer.toString(count), "-i", "0.02", "-w", PING_SECONDS, address));
            while (times.find()) {
                if (Integer.parseInt(times.group(1)) <= count) {
                    histogram.recordValue(Math.round(1_000 * Double.parseDouble(times.group(2))));
                }
            }
        } catch (CommandException e) {
            // No ping on this machine, or no answer at all: the JDK's own echo request tells which.
            final InetAddress target = InetAddress.getByName(address);
            for (int i = 0; i < count; i++) {
                checkInterrupt();
                final long start = System.nanoTime();
                if (!target.isReachable(TIMEOUT_MILLIS)) {
                    break;
                }
                histogram.recordValue((System.nanoTime() - start) / 1_000);
            }
        }
        return histogram;
    }

    @Override
    public Histogram udpEcho(String address, int port, int count) throws IOException, InterruptedException {
        final Histogram histogram = histogram();
        final byte[] sent = new byte[1_400];
        final DatagramPacket answer = new DatagramPacket(new byte[sent.length + 1], sent.length + 1);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(address, port));
            for (int i = 0; i < count; i++) {
                checkInterrupt();
                final int length = 1 + i % sent.length;
                Arrays.fill(sent, 0, length, (byte) i);
                final long start = System.nanoTime();
                socket.send(new DatagramPacket(sent, length));
                answer.setLength(sent.length + 1);
                try {
                    socket.receive(answer);
                } catch (SocketTimeoutException e) {
                    continue; // lost: counted by not being in the histogram
                }
                if (Arrays.equals(sent, 0, length, answer.getData(), 0, answer.getLength())) {
                    histogram.recordValue((System.nanoTime() - start) / 1_000);
                }
            }
        }
        return histogram;
    }

    @Override
    public Download download(String address, int port, String path, LongConsumer progress) throws IOException {
        final String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
        final URLConnection connection =
                URI.create("http://" + host + ":" + port + path).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        final MessageDigest sha = DemoSite.newDigest();
        final byte[] buffer = new byte[64 * 1024];
        final long start = System.nanoTime();
        long bytes = 0;
        try (InputStream in = connection.getInputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha.update(buffer, 0, read);
                bytes += read;
                progress.accept(bytes);
            }
        }
        return new Download(bytes, System.nanoTime() - start, HexFormat.of().formatHex(sha.digest()));
    }

    @Override
    public Connections connections(String address, int port, int count, LongConsumer progress)
            throws InterruptedException {
        final Histogram latency = new ConcurrentHistogram(3);
        final AtomicInteger started = new AtomicInteger();
        final AtomicLong done = new AtomicLong();
        final AtomicLong failed = new AtomicLong();
        final CountDownLatch workers = new CountDownLatch(AT_ONCE);
        final ThreadFactory threads =
                Thread.ofPlatform().name("demo-client-", 0).daemon().factory();
        final InetSocketAddress server = new InetSocketAddress(address, port);
        final long start = System.nanoTime();
        for (int i = 0; i < AT_ONCE; i++) {
            threads.newThread(() -> {
                        final byte[] message = new byte[MESSAGE];
                        for (int n = started.getAndIncrement(); n < count; n = started.getAndIncrement()) {
                            Arrays.fill(message, (byte) n);
                            try {
                                latency.recordValue(connection(server, message));
                            } catch (IOException e) {
                                failed.incrementAndGet();
                            }
                            progress.accept(done.incrementAndGet());
                        }
                        workers.countDown();
                    })
                    .start();
        }
        workers.await();
        return new Connections(latency, failed.get(), AT_ONCE, System.nanoTime() - start);
    }

    @Override
    public void close() {}

    private static long connection(InetSocketAddress server, byte[] message) throws IOException {
        final long start = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(server, TIMEOUT_MILLIS);
            final OutputStream out = socket.getOutputStream();
            out.write(message);
            final byte[] answer = socket.getInputStream().readNBytes(message.length);
            final long micros = (System.nanoTime() - start) / 1_000;
            if (!Arrays.equals(message, answer)) {
                throw new IOException("the echo differs from what was sent");
            }
            return micros;
        }
    }

    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the demo was interrupted");
        }
    }

    private static Histogram histogram() {
        return new Histogram(3);
    }
}
