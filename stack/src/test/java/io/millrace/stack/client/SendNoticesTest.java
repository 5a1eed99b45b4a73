package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.client.SendNotice.Kind;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Application threads hear of what they sent. */
class SendNoticesTest extends ClientTest {
    private static final int PORT = 7;
    private static final int STAMPS =
            TcpChannel.STAMP_SCHEDULED | TcpChannel.STAMP_SENT | TcpChannel.STAMP_ACKNOWLEDGED;

    /** Takes a notice. */
    private interface Source {
        @Nullable
        SendNotice take() throws IOException;
    }

    private static SendNotice next(final Readiness readiness, final Source source) throws Exception {
        while (true) {
            final SendNotice notice = source.take();
            if (notice != null) {
                return notice;
            }
            Readiness.await(List.of(readiness), new int[] {0}, Readiness.FOREVER);
        }
    }

    private static String text(final SendNotice notice) {
        return notice.kind() + " " + notice.first() + "-" + notice.last();
    }

    @Test
    void shouldTellOfTheLastByteOfACall() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            final ByteBuffer all = ByteBuffer.allocate(300_000); // several requests
            final Thread reader = Thread.startVirtualThread(() -> {
                try {
                    far.inputStream().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (final IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertEquals(300_000, near.send(all, STAMPS));
            final List<String> told = new ArrayList<>();
            long before = 0;
            for (int i = 0; i < 3; i++) {
                final SendNotice notice = next(near.readiness(), near::takeSendNotice);
                told.add(text(notice));
                assertTrue(notice.timestamp() >= before, notice::toString);
                before = notice.timestamp();
            }
            assertEquals(List.of("SCHEDULED 299999-299999", "SENT 299999-299999", "ACKNOWLEDGED 299999-299999"), told);
            assertEquals(0, near.readiness().bits() & Readiness.ERROR);
            assertNull(near.takeSendNotice());
            assertNull(near.takeError());
            near.shutdownOutput();
            reader.join();
        }
    }

    @Test
    void shouldNumberCallsAndTellOfThemTogetherOnceAcknowledged() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            near.send(bytes("one"), TcpChannel.NUMBERED);
            near.send(bytes(""), TcpChannel.NUMBERED); // no number
            near.send(bytes("two"), TcpChannel.NUMBERED);
            near.send(bytes("none"), 0);
            assertEquals("onetwonone", read(far, 10));
            long complete = -1;
            while (complete < 1) {
                final SendNotice notice = next(near.readiness(), near::takeSendNotice);
                assertEquals(Kind.COMPLETE, notice.kind());
                assertEquals(complete + 1, notice.first());
                complete = notice.last();
            }
            assertEquals(1, complete);
            near.disconnect();
            near.connect(ClientRig.at(PORT));
            try (TcpChannel<Ipv4Address> again = server.accept()) {
                near.send(bytes("three"), TcpChannel.NUMBERED);
                assertEquals("three", read(again, 5));
                assertEquals("COMPLETE 2-2", text(next(near.readiness(), near::takeSendNotice)));
            }
        }
    }

    @Test
    void shouldCallSendsCompleteWhenTheConnectionEnds() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            near.configureBlocking(false);
            int sends = 0;
            while (near.send(ByteBuffer.allocate(100_000), TcpChannel.NUMBERED | TcpChannel.IF_PARTLY) > 0) {
                sends++; // until the buffers are full
            }
            far.abort();
            long complete = -1;
            while (complete < sends - 1) {
                complete = next(near.readiness(), near::takeSendNotice).last();
            }
            assertEquals(sends - 1, complete);
        }
    }

    @Test
    void shouldCountNoticesThatNobodyTakes() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            for (int i = 0; i < 3; i++) {
                final int sends = SendNotices.MOST / 3 + (i == 0 ? 4 : 0); // 3 more than there is room for
                for (int j = 0; j < sends; j++) {
                    near.send(bytes("x"), TcpChannel.STAMP_ACKNOWLEDGED);
                }
                read(far, sends);
                while (near.info().unacknowledged > 0) {
                    Thread.onSpinWait();
                }
            }
            for (int i = 0; i < SendNotices.MOST; i++) {
                assertEquals(i, next(near.readiness(), near::takeSendNotice).first());
            }
            assertNull(near.takeSendNotice());
            final Long lost = client.call(stack -> stack.counters().get(StackCounter.SEND_NOTICES_LOST));
            assertEquals(Long.valueOf(3), lost);
        }
    }

    @Test
    void shouldNumberDatagramsOfBothFamiliesInOneOrder() throws Exception {
        try (UdpChannel<io.millrace.stack.wire.address.IpAddress> channel = client.openUdp()) {
            channel.dualStack(true);
            channel.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 9));
            final SendOptions options = new SendOptions();
            options.stages = SendStage.SENT.bit();
            channel.send(bytes("a"), new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 9), options);
            channel.send(bytes("b"), new Endpoint<>(ClientRig.HOST, 9), options);
            channel.send(bytes("c"), new Endpoint<>(ClientRig.HOST, 9));
            channel.send(bytes("d"), new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 9), options);
            for (int i = 0; i < 3; i++) {
                assertEquals("SENT " + i + "-" + i, text(next(channel.readiness(), channel::takeSendNotice)));
            }
            assertEquals(3, channel.noticesAsked());
            channel.noticeComplete();
            assertEquals("COMPLETE 0-0", text(next(channel.readiness(), channel::takeSendNotice)));
            assertNull(channel.takeSendNotice());
        }
    }
}
