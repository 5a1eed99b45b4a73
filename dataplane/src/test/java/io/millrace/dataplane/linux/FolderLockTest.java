package io.millrace.dataplane.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class FolderLockTest {
    @TempDir
    Path temporary;

    @Test
    void shouldBeNoLockWhenThereIsNoFolder() throws IOException {
        assertNull(FolderLock.take(temporary.resolve("none")));
    }

    @Test
    void shouldBeTakenAgainWhenItWasGivenUp() throws IOException {
        for (int i = 0; i < 3; i++) {
            try (FolderLock lock = FolderLock.take(temporary)) {
                assertNotNull(lock);
            }
        }
    }

    @Test
    void shouldWaitForWhoeverHasItAndBeNoneWhenThatRemovedTheFolder() throws Exception {
        final Path folder = Files.createDirectory(temporary.resolve("folder"));
        final FutureTask<@Nullable FolderLock> other = new FutureTask<>(() -> FolderLock.take(folder));
        try (FolderLock lock = FolderLock.take(folder)) {
            assertNotNull(lock);
            Thread.ofPlatform().daemon().start(other);
            assertFalse(other.isDone());
            Files.delete(folder);
        }
        assertNull(other.get(Await.SECONDS, TimeUnit.SECONDS));
        assertTrue(Files.notExists(folder));
    }
}
