package io.millrace.bench.serve.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The files under one folder, as a web site. Nothing outside of the folder is ever opened: dot segments are gone before
 * a name reaches the file system, and a file is opened by its real path, links resolved, after that path was found to lie
 * within the folder's real path. Links that stay inside work. Only regular files are opened, so that a pipe or a device
 * in the folder does not stall the shard.
 *
 * <p>Safe for use by several threads.
 */
final class StaticSite {
    private static final String INDEX = "index.html";
    private static final int MAX_LISTED = 1_000;

    /** What a path leads to. */
    sealed interface Found {}

    /**
     * A file, opened; whoever gets it closes it.
     *
     * @param channel positioned at 0
     * @param size bytes
     * @param type media type
     * @param modified when it was last changed
     */
    record OpenFile(FileChannel channel, long size, String type, Instant modified) implements Found {}

    /** A page made from a folder without an index, in HTML. */
    record Listing(String html) implements Found {}

    /** A folder named without the slash at the end, which relative links need. */
    record Redirect(String location) implements Found {}

    /** Nothing that may be shown. */
    record Missing() implements Found {}

    private static final Missing MISSING = new Missing();

    private final Path root;

    /**
     * Makes a site.
     *
     * @throws IOException if the folder does not exist or cannot be read
     */
    StaticSite(Path folder) throws IOException {
        root = folder.toRealPath();
        if (!Files.isDirectory(root) || !Files.isReadable(root)) {
            throw new IOException(folder + " is not a folder that can be read");
        }
    }

    /** Finds what a path leads to; whatever the file system refuses is missing. */
    Found find(RequestPath path) {
        try {
            final Path named = resolve(path.segments());
            final BasicFileAttributes attributes = attributes(named);
            if (!attributes.isDirectory()) {
                return path.directory() ? MISSING : open(named, attributes);
            }
            if (!path.directory()) {
                return new Redirect(encode(path.segments()) + "/");
            }
            final List<String> index = new ArrayList<>(path.segments());
            index.add(INDEX);
            if (Files.exists(named.resolve(INDEX))) {
                final Path page = resolve(index);
                return open(page, attributes(page));
            }
            return new Listing(list(named, path.segments()));
        } catch (IOException | InvalidPathException e) {
            return MISSING;
        }
    }

    private Path resolve(List<String> segments) throws IOException {
        Path path = root;
        for (final String segment : segments) {
            path = path.resolve(segment);
        }
        // The parser leaves no dot segments; this holds even if it did.
        final Path real = path.normalize().toRealPath();
        if (!real.startsWith(root)) {
            throw new IOException(path + " leads out of " + root);
        }
        return real;
    }

    private static BasicFileAttributes attributes(Path real) throws IOException {
        return Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static Found open(Path real, BasicFileAttributes attributes) throws IOException {
        final Path name = real.getFileName();
        if (!attributes.isRegularFile() || name == null) {
            return MISSING;
        }
        final FileChannel channel = FileChannel.open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            return new OpenFile(
                    channel,
                    channel.size(),
                    MimeTypes.of(name.toString()),
                    attributes.lastModifiedTime().toInstant());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String list(Path folder, List<String> segments) throws IOException {
        final List<String> names = new ArrayList<>();
        boolean more = false;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (final Path entry : entries) {
                if (names.size() == MAX_LISTED) {
                    more = true;
                    break;
                }
                final Path name = entry.getFileName();
                if (name != null) {
                    names.add(Files.isDirectory(entry) ? name + "/" : name.toString());
                }
            }
        }
        Collections.sort(names);
        final String title = Html.escape("/" + String.join("/", segments));
        final StringBuilder html = new StringBuilder(Html.begin(title)).append("<ul>\n");
        if (!segments.isEmpty()) {
            html.append("<li><a href=\"../\">../</a></li>\n");
        }
        for (final String name : names) {
            html.append("<li><a href=\"./")
                    .append(encodeName(name))
                    .append("\">")
                    .append(Html.escape(name))
                    .append("</a></li>\n");
        }
        html.append("</ul>\n");
        if (more) {
            html.append("<p>Only ").append(MAX_LISTED).append(" entries are shown.</p>\n");
        }
        return html.append(Html.END).toString();
    }

    private static String encode(List<String> segments) {
        final StringBuilder path = new StringBuilder();
        for (final String segment : segments) {
            path.append('/').append(encodeName(segment));
        }
        return path.toString();
    }

    /** Percent-encodes all but unreserved characters (RFC 3986, section 2.3) and a slash at the end. */
    private static String encodeName(String name) {
        final StringBuilder encoded = new StringBuilder();
        for (final byte b : name.getBytes(StandardCharsets.UTF_8)) {
            final char c = (char) (b & 0xFF);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~/".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return encoded.toString();
    }
}
