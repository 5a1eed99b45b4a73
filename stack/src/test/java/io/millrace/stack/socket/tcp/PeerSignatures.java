package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.AoSession;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.SegmentDigest;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The keys of a {@link TcpHarness}'s peer: it signs what it sends with them, and holds what we send against them. */
final class PeerSignatures {
    /** Null if the peer has none. */
    @Nullable
    Md5Key md5;

    /** Null if the peer has none. */
    @Nullable
    AoKey ao;

    /** RNextKeyID of what the peer sends. */
    int wantedKeyId;

    /** KeyID and RNextKeyID of the last packet of ours. */
    int keyId;

    int nextKeyId;

    private final SegmentDigest digest = new SegmentDigest();

    /** Prepares a header of the peer's. */
    void prepare(final TcpRepr header) {
        final AoKey key = ao;
        if (key != null) {
            header.signature = TcpView.OPTION_AO;
            header.keyId = key.sendId();
            header.nextKeyId = wantedKeyId;
        } else {
            header.signature = md5 == null ? TcpRepr.UNSIGNED : TcpView.OPTION_MD5;
        }
    }

    /** Signs a segment of the peer's that lies ready at 0, with checksum 0. */
    void sign(final IpRepr ip, final TcpRepr header, final MemorySegment wire, final int peerIsn, final int ourIsn) {
        final Md5Key key = md5;
        if (key != null) {
            digest.signMd5(key, ip, wire, 0, ip.payloadLength, header.emittedCodeOffset());
        }
        final AoKey master = ao;
        if (master != null) {
            digest.signAo(
                    digest.derive(master, ip, header.srcPort, header.dstPort, peerIsn, isFirst(header) ? 0 : ourIsn),
                    AoSession.extension(peerIsn, header.seq),
                    ip,
                    wire,
                    0,
                    ip.payloadLength,
                    header.emittedCodeOffset());
        }
    }

    /** Fails unless a segment of ours is signed as the peer expects. */
    void verify(
            final IpRepr ip, final TcpRepr header, final MemorySegment memory, final int peerIsn, final int ourIsn) {
        final int length = Signatures.length(header);
        final AoKey master = ao;
        if (master != null) {
            assertEquals(TcpView.OPTION_AO, header.signature, "signature");
            assertTrue(
                    digest.verifyAo(
                            digest.derive(
                                    master, ip, header.srcPort, header.dstPort, ourIsn, isFirst(header) ? 0 : peerIsn),
                            AoSession.extension(ourIsn, header.seq),
                            ip,
                            memory,
                            header.offset,
                            length,
                            header.codeOffset),
                    "signed wrong");
            keyId = header.keyId;
            nextKeyId = header.nextKeyId;
            return;
        }
        final Md5Key key = md5;
        assertEquals(key == null ? TcpRepr.UNSIGNED : TcpView.OPTION_MD5, header.signature, "signature");
        if (key != null) {
            assertTrue(digest.verifyMd5(key, ip, memory, header.offset, length, header.codeOffset), "signed wrong");
        }
    }

    private static boolean isFirst(final TcpRepr header) {
        return (header.flags & (TcpView.SYN | TcpView.ACK)) == TcpView.SYN;
    }
}
