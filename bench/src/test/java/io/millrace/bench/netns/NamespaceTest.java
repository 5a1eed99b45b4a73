package io.millrace.bench.netns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("peers")
class NamespaceTest {
    @BeforeAll
    static void needNamespaces() {
        try {
            Namespace.create().close();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
        }
    }

    @Test
    void shouldHoldOnlyLoopbackWhenItIsNew() throws CommandException {
        try (Namespace namespace = Namespace.create()) {
            assertEquals(1, namespace.run("ip", "-o", "link").lines().count());
        }
    }

    @Test
    void shouldKeepTheKernelSilentOnOurSideWhenAPairIsMade() throws CommandException {
        try (Namespace namespace = Namespace.create()) {
            new VethPair("ours", "theirs", List.of("10.9.0.1/24", "fd09::1/64"), 1500).create(namespace::run);
            final String addresses = namespace.run("ip", "-o", "address", "show", "dev", "ours");
            assertEquals("", addresses, "the kernel holds no address on our side");
            assertTrue(namespace
                    .run("ip", "-o", "address", "show", "dev", "theirs")
                    .contains("fd09::1/64"));
            assertTrue(namespace.run("ethtool", "-k", "theirs").contains("tx-checksumming: off"));
        }
    }

    @Test
    void shouldTellCommandAndReasonWhenACommandFails() throws CommandException {
        try (Namespace namespace = Namespace.create()) {
            final var failure =
                    assertThrows(CommandException.class, () -> namespace.run("ip", "link", "show", "absent"));
            assertTrue(failure.toString().contains("ip link show absent: "), failure.toString());
            assertTrue(failure.toString().contains("does not exist"), failure.toString());
        }
    }

    @Test
    void shouldBeGoneWhenItIsClosed() throws Exception {
        final Namespace namespace = Namespace.create();
        new VethPair("ours", "theirs", List.of(), 1500).create(namespace::run);
        namespace.close();
        final int code = namespace.process("true").start().waitFor();
        assertFalse(code == 0, "nothing can enter it any more");
    }
}
