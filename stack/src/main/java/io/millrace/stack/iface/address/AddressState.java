package io.millrace.stack.iface.address;

/** Where an own address stands in its life (RFC 4862 section 2, RFC 4429, RFC 5227). */
public enum AddressState {
    /** It is being checked that nobody else has it; until then it is as good as absent. */
    TENTATIVE,
    /** It is being checked, and used meanwhile, but so that nobody else who has it is disturbed (RFC 4429). */
    OPTIMISTIC,
    /** In use. */
    PREFERRED,
    /** In use by those who do; new connections choose another one if there is any. */
    DEPRECATED,
    /** Somebody else has it: it is not used. */
    DUPLICATED
}
