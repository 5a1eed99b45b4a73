package io.millrace.stack.socket.tcp.keys;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-128-CMAC (RFC 4493) under one key, over the JDK's AES: a message is enciphered in CBC mode, its last block changed
 * by a subkey before, and the last block that comes out is the code. Making one allocates, a few kilobytes. Not
 * thread-safe.
 */
final class Cmac {
    /** Bytes of a key, a block and a code. */
    static final int LENGTH = 16;

    private static final byte PADDING = (byte) 0x80;
    private static final int REDUCTION = 0x87;

    private final Cipher cbc;
    /** Changes a last block that is full. */
    private final byte[] full;
    /** Changes one that was padded. */
    private final byte[] padded;

    Cmac(final byte[] key) {
        try {
            cbc = Cipher.getInstance("AES/CBC/NoPadding");
            cbc.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[LENGTH]));
            full = twice(cbc.doFinal(new byte[LENGTH]));
            padded = twice(full);
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES", e); // all have it
        }
    }

    /** Section 2.3: a shift by one bit, in the field. */
    private static byte[] twice(final byte[] block) {
        final byte[] result = new byte[LENGTH];
        int carry = 0;
        for (int i = LENGTH - 1; i >= 0; i--) {
            final int shifted = (block[i] & 0xFF) << 1 | carry;
            result[i] = (byte) shifted;
            carry = shifted >>> 8;
        }
        result[LENGTH - 1] ^= (byte) (carry * REDUCTION);
        return result;
    }

    /**
     * Computes a code into the first bytes of {@code result}.
     *
     * @param message overwritten; has room for a block behind its {@code length}
     * @param spare as long as that; overwritten, too: the JDK copies what it is to encipher in place
     */
    void mac(final byte[] message, final int length, final byte[] spare, final byte[] result) {
        final int blocks = Math.max(1, (length + LENGTH - 1) / LENGTH);
        final int end = blocks * LENGTH;
        final byte[] subkey = length == end ? full : padded;
        if (length < end) {
            message[length] = PADDING;
            Arrays.fill(message, length + 1, end, (byte) 0);
        }
        for (int i = 0; i < LENGTH; i++) {
            message[end - LENGTH + i] ^= subkey[i];
        }
        try {
            cbc.doFinal(message, 0, end, spare, 0); // and begins anew with the next
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        System.arraycopy(spare, end - LENGTH, result, 0, LENGTH);
    }
}
