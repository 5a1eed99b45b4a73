package io.millrace.config;

/**
 * The VLAN that a port's interface belongs to (IEEE 802.1Q): as text {@code 5}, {@code 100.5} for a customer VLAN
 * within a service VLAN (QinQ), or {@code any} for frames whatever their tags, with none on what is sent.
 *
 * @param outer id of the outer or only tag, 1 to 4094; 0 for {@code any}
 * @param inner id of the inner tag, 1 to 4094; 0 if there is none
 */
public record VlanTags(int outer, int inner) {
    /** Whatever the tags. */
    public static final VlanTags ANY = new VlanTags(0, 0);

    /** Whether tags do not matter. */
    public boolean any() {
        return outer == 0;
    }

    @Override
    public String toString() {
        return any() ? "any" : inner == 0 ? Integer.toString(outer) : outer + "." + inner;
    }
}
