package io.millrace.stack.socket.tcp.keys;

/** What derives traffic keys and signs segments with them (RFC 5926): both parts of each go together. */
public enum AoAlgorithm {
    /** KDF_HMAC_SHA1 and HMAC-SHA-1-96; Linux calls it {@code hmac(sha1)}. */
    HMAC_SHA_1_96("hmac(sha1)", 20),

    /** KDF_AES_128_CMAC and AES-128-CMAC-96; Linux calls it {@code cmac(aes128)}. */
    AES_128_CMAC_96("cmac(aes128)", 16);

    /** Bytes of a code, whichever the algorithm. */
    public static final int CODE_LENGTH = 12;

    private final String linuxName;
    private final int trafficKeyLength;

    AoAlgorithm(final String linuxName, final int trafficKeyLength) {
        this.linuxName = linuxName;
        this.trafficKeyLength = trafficKeyLength;
    }

    /** As {@code TCP_AO_ADD_KEY} names it. */
    public String linuxName() {
        return linuxName;
    }

    /** Bytes of a traffic key. */
    int trafficKeyLength() {
        return trafficKeyLength;
    }
}
