package io.millrace.bench.socketapi;

import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The stack's interfaces, as programs name them. Linux counts them from 1, the stack from 0. */
final class Interfaces {
    private Interfaces() {}

    /** The stack's number of the interface of a name; -1 if there is none. */
    static int named(StackClient client, String name) throws IOException {
        return first(client, candidate -> candidate.name().equals(name));
    }

    /** The stack's number of the interface of Linux's number; -1 if there is none. */
    static int numbered(StackClient client, int number) throws IOException {
        return first(client, candidate -> candidate.index() == number - 1);
    }

    /** The stack's number of the first interface that has an address; -1 if there is none. */
    static int addressed(StackClient client, IpAddress address) throws IOException {
        return first(client, candidate -> has(candidate, address));
    }

    /** The stack's number of its first interface; -1 if there is none. */
    static int any(StackClient client) throws IOException {
        return first(client, candidate -> true);
    }

    /** An address of a family that the interface of a name has; null if there is none. */
    static @Nullable IpAddress addressOf(StackClient client, String device, IpAddress family) throws IOException {
        return client.call(stack -> addressOf(stack, device, family));
    }

    private static @Nullable IpAddress addressOf(Stack stack, String device, IpAddress family) {
        for (final NetInterface netInterface : stack.interfaces()) {
            for (final Cidr<? extends IpAddress> cidr : netInterface.addresses()) {
                if (netInterface.name().equals(device) && cidr.address().family() == family.family()) {
                    return cidr.address();
                }
            }
        }
        return null;
    }

    /** The first address of ours of a family that others can be told of; null if there is none. */
    static @Nullable IpAddress anyAddress(StackClient client, int family) throws IOException {
        final Optional<IpAddress> found = client.call(stack -> stack.interfaces().stream()
                .flatMap(each -> each.addresses().stream())
                .<IpAddress>map(Cidr::address)
                .filter(address -> address.family() == family)
                .findFirst());
        return found == null ? null : found.orElse(null);
    }

    private static boolean has(NetInterface candidate, IpAddress address) {
        for (final Cidr<? extends IpAddress> cidr : candidate.addresses()) {
            if (cidr.address().equals(address)) {
                return true;
            }
        }
        return false;
    }

    private static int first(StackClient client, Predicate<NetInterface> wanted) throws IOException {
        final Integer index = client.call(stack -> first(stack, wanted));
        return index == null ? -1 : index;
    }

    private static int first(Stack stack, Predicate<NetInterface> wanted) {
        for (final NetInterface candidate : stack.interfaces()) {
            if (wanted.test(candidate)) {
                return candidate.index();
            }
        }
        return -1;
    }
}
