package io.millrace.bench.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TraceCommandTest {
    private static final int PACKETS = 1_000;
    private static final int FRAME = 60;

    @TempDir
    private Path folder;

    /** A capture of frames that are all zeros. */
    private Path capture() throws IOException {
        final ByteBuffer bytes =
                ByteBuffer.allocate(24 + PACKETS * (16 + FRAME)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0xA1B2_C3D4).putShort((short) 2).putShort((short) 4);
        bytes.position(16).putInt(65_535).putInt(1); // snap length, Ethernet
        for (int i = 0; i < PACKETS; i++) {
            bytes.putInt(0).putInt(i).putInt(FRAME).putInt(FRAME).position(bytes.position() + FRAME);
        }
        return Files.write(folder.resolve("many.pcap"), bytes.array());
    }

    private String trace(final OutputStream to) throws IOException {
        final StringWriter err = new StringWriter();
        final PrintWriter out = new PrintWriter(to, false, StandardCharsets.UTF_8);
        final String port = "pcap:" + capture() + ",speed=0";
        assertEquals(0, Main.run(out, new PrintWriter(err), "trace", "--port", port), err::toString);
        return err.toString();
    }

    private static int shown(final String told) {
        final Matcher matcher = Pattern.compile("(\\d+) packets shown of").matcher(told);
        assertTrue(matcher.find(), told);
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void shouldShowACaptureToItsEnd() throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(PACKETS, shown(trace(out)));
        assertEquals(PACKETS, out.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void shouldEndWhenItsReaderHasLeft() throws IOException {
        final int shown = shown(trace(new OutputStream() {
            @Override
            public void write(final int octet) throws IOException {
                throw new IOException("Broken pipe");
            }
        }));
        assertTrue(shown > 0 && shown < PACKETS, shown + " packets shown");
    }
}
