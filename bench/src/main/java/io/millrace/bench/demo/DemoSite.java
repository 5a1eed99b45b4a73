package io.millrace.bench.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * A temporary folder with one file of random bytes to fetch. Gone when it is closed.
 *
 * @param folder what the server shows
 * @param size of the file in bytes
 * @param sha256 of the file in hexadecimal
 */
record DemoSite(Path folder, long size, String sha256) implements AutoCloseable {
    /** Path of the file, as a client asks for it. */
    static final String PATH = "/random.bin";

    private static final int BLOCK = 1 << 20;

    /**
     * Makes folder and file, of {@code mebibytes}.
     *
     * @param stopped whether nobody wants it any more
     * @throws InterruptedException if so; then nothing is left of it
     */
    static DemoSite create(int mebibytes, BooleanSupplier stopped) throws IOException, InterruptedException {
        return create(Files.createTempDirectory("millrace-demo-"), mebibytes, stopped);
    }

    /** The same in a folder that is there, and that goes with it. */
    static DemoSite create(Path folder, int mebibytes, BooleanSupplier stopped)
            throws IOException, InterruptedException {
        final MessageDigest sha = newDigest();
        final byte[] block = new byte[BLOCK];
        final Random random = new Random(1);
        try (OutputStream out = Files.newOutputStream(folder.resolve(PATH.substring(1)))) {
            for (int i = 0; i < mebibytes; i++) {
                if (stopped.getAsBoolean()) {
                    throw new InterruptedException("stopped while a file was made");
                }
                random.nextBytes(block);
                sha.update(block);
                out.write(block);
            }
        } catch (IOException | InterruptedException e) {
            delete(folder);
            throw e;
        }
        return new DemoSite(folder, (long) mebibytes * BLOCK, HexFormat.of().formatHex(sha.digest()));
    }

    /** The digest that files are compared by. */
    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        delete(folder);
    }

    private static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (final Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
