package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.pcap.PcapReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files into the reader of captures: refused, or read to an end that comes. */
public final class PcapFuzz {
    private static final Path FILE = newFile();

    private PcapFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) throws IOException {
        Files.write(FILE, input);
        try (PcapReader reader = PcapReader.open(FILE)) {
            int packets = 0;
            while (reader.next()) {
                if (reader.length() > 0) {
                    Net.u8(reader.memory(), reader.offset());
                    Net.u8(reader.memory(), reader.offset() + reader.length() - 1);
                }
                if (++packets > input.length) {
                    throw new AssertionError("more packets than bytes");
                }
            }
        } catch (final PortException e) {
            // No capture: that is what it is there to say.
            return;
        }
    }

    private static Path newFile() {
        try {
            final Path file = Files.createTempFile("millrace-fuzz", ".pcap");
            file.toFile().deleteOnExit();
            return file;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
