package io.millrace.bench.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A file that holds a secret and nothing else. */
public final class SecretFile {
    private SecretFile() {}

    /** Its bytes; the end of a line behind them is none of it. Empty if there are no others. */
    public static byte[] read(Path file) throws IOException {
        final byte[] bytes = Files.readAllBytes(file);
        int length = bytes.length;
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
            length--;
        }
        return Arrays.copyOf(bytes, length);
    }
}
