package io.millrace.bench.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticSiteTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private StaticSite site;

    @BeforeEach
    void makeSite() throws IOException {
        final Path root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("sub/<b>&"));
        Files.createDirectories(root.resolve("indexed"));
        Files.writeString(root.resolve("a.txt"), "hello");
        Files.writeString(root.resolve("sub/.hidden"), "x");
        Files.writeString(root.resolve("indexed/index.html"), "<p>index");
        Files.writeString(folder.resolve("secret"), "secret");
        Files.createSymbolicLink(root.resolve("inside"), Path.of("sub"));
        Files.createSymbolicLink(root.resolve("outside"), folder);
        Files.createSymbolicLink(root.resolve("leak"), folder.resolve("secret"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        site = new StaticSite(root);
    }

    @Test
    void shouldOpenFileWhenItIsThere() throws IOException {
        final var open = assertInstanceOf(StaticSite.OpenFile.class, find("/a.txt"));
        open.channel().close();
        assertEquals(5, open.size());
        assertEquals("text/plain; charset=utf-8", open.type());
    }

    @Test
    void shouldOpenIndexWhenTheFolderHasOne() throws IOException {
        final var open = assertInstanceOf(StaticSite.OpenFile.class, find("/indexed/"));
        open.channel().close();
        assertEquals("text/html; charset=utf-8", open.type());
    }

    @Test
    void shouldRedirectWhenAFolderIsNamedWithoutSlash() {
        assertEquals(new StaticSite.Redirect("/indexed/"), find("/indexed"));
        assertEquals(new StaticSite.Redirect("/sub/%3cb%3e%26/"), find("/sub/%3Cb%3E&"));
    }

    @Test
    void shouldListFolderWithEscapedNamesWhenItHasNoIndex() {
        final var listing = assertInstanceOf(StaticSite.Listing.class, find("/sub/"));
        final String html = listing.html();
        assertTrue(html.contains("<a href=\"./%3cb%3e%26/\">&lt;b&gt;&amp;/</a>"), html);
        assertFalse(html.contains("<b>"), html);
    }

    @Test
    void shouldFollowLinkWhenItStaysInside() {
        assertInstanceOf(StaticSite.Listing.class, find("/inside/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/outside/secret",
                "/outside/",
                "/outside",
                "/leak",
                "/loop",
                "/none",
                "/none/",
                "/a.txt/",
                "/a.txt/b",
            })
    void shouldFindNothingWhenThePathLeadsOutOrNowhere(String target) {
        assertInstanceOf(StaticSite.Missing.class, find(target));
    }

    @Test
    void shouldStayInsideWhenAParentSegmentSlipsThrough() {
        assertInstanceOf(
                StaticSite.Missing.class, site.find(new RequestPath(List.of("sub", "..", "..", "secret"), false)));
    }

    @Test
    void shouldFindNothingWhenTheNameIsTooLong() {
        assertInstanceOf(StaticSite.Missing.class, find("/" + "a".repeat(300)));
    }

    @Test
    void shouldRefuseToOpenWhenTheEntryIsNotARegularFile() throws Exception {
        final Path fifo = folder.resolve("root/fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertInstanceOf(StaticSite.Missing.class, find("/fifo"));
    }

    @Test
    void shouldRefuseRootWhenItIsNoFolder() {
        assertThrows(IOException.class, () -> new StaticSite(folder.resolve("secret")));
        assertThrows(IOException.class, () -> new StaticSite(folder.resolve("absent")));
    }

    private StaticSite.Found find(String target) {
        final RequestPath path = RequestPath.parse(target);
        if (path == null) {
            throw new IllegalArgumentException(target);
        }
        return site.find(path);
    }
}
