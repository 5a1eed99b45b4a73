package io.millrace.config;

import java.util.Locale;

/** What signs TCP segments with a {@linkplain KeyConfig key}. */
public enum KeyAlgorithm {
    /** MD5 signatures (RFC 2385). */
    MD5,
    /** TCP-AO (RFC 5925) with HMAC-SHA-1-96 (RFC 5926). */
    HMAC_SHA_1_96,
    /** TCP-AO with AES-128-CMAC-96 (RFC 5926). */
    AES_128_CMAC_96;

    /** The name in files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it is one of TCP-AO, whose keys have IDs. */
    public boolean isAo() {
        return this != MD5;
    }
}
