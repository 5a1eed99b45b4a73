package io.millrace.stack.socket.icmp;

import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.AddressInUseException;
import java.util.function.IntPredicate;

/** Chooses identifiers for echoes at random, of several shards those whose replies come here. */
final class EchoIdentifiers {
    /** How many there are. */
    static final int COUNT = 0x1_0000;

    private final Entropy entropy;
    private FlowPlacement placement = FlowPlacement.ALL;

    EchoIdentifiers(final Entropy entropy) {
        this.entropy = entropy;
    }

    void placement(final FlowPlacement newPlacement) {
        placement = newPlacement;
    }

    /**
     * One that is free.
     *
     * @throws AddressInUseException if none is
     */
    int choose(final IntPredicate taken) {
        final int start = entropy.nextInt(COUNT);
        for (int i = 0; i < COUNT; i++) {
            final int identifier = (start + i) & (COUNT - 1);
            if (placement.comesHere(0, 0, 0, 0, identifier) && !taken.test(identifier)) {
                return identifier;
            }
        }
        throw new AddressInUseException("all 65536 ICMP echo identifiers are in use");
    }
}
