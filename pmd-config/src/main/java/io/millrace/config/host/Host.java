package io.millrace.config.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of the kernel's that describe this machine. What is missing or may not be read is null or empty: its absence
 * is a finding, not a failure.
 */
public final class Host {
    private final Path root;

    /**
     * A machine.
     *
     * @param root {@code /}, or a folder with files at the same paths
     */
    public Host(Path root) {
        this.root = root;
    }

    /** This machine. */
    public static Host local() {
        return new Host(Path.of("/"));
    }

    /**
     * A path of this machine.
     *
     * @param absolute begins with a slash
     */
    public Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    /** Whether a file or folder is there. */
    public boolean exists(String absolute) {
        return Files.exists(path(absolute));
    }

    /** The text of a file without white space around it, or null. */
    public @Nullable String text(String absolute) {
        try {
            return Files.readString(path(absolute)).strip();
        } catch (IOException unreadable) {
            return null;
        }
    }

    /** The lines of a file, none if it cannot be read. */
    public List<String> lines(String absolute) {
        final String text = text(absolute);
        return text == null || text.isEmpty() ? List.of() : text.lines().toList();
    }

    /** The number that a file begins with. */
    public OptionalLong number(String absolute) {
        final String text = text(absolute);
        if (text == null || !text.matches("-?\\d{1,18}(\\s[\\s\\S]*)?")) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(text.split("\\s", 2)[0]));
    }

    /** The names in a folder in natural order, none if it cannot be read. */
    public List<String> names(String absolute) {
        final List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(absolute))) {
            for (final Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (IOException unreadable) {
            return List.of();
        }
        names.sort(null);
        return names;
    }

    /** The last name of what a symbolic link points to, or null. */
    public @Nullable String linkName(String absolute) {
        try {
            final Path name = Files.readSymbolicLink(path(absolute)).getFileName();
            return name == null ? null : name.toString();
        } catch (IOException | UnsupportedOperationException noLink) {
            return null;
        }
    }

    /**
     * A value of {@code /proc/self/status}.
     *
     * @param key for instance {@code CapEff}
     */
    public @Nullable String status(String key) {
        for (final String line : lines("/proc/self/status")) {
            if (line.startsWith(key + ":")) {
                return line.substring(key.length() + 1).strip();
            }
        }
        return null;
    }

    /** The CPUs that this process may use, in the kernel's notation, for instance {@code 0-3,8}. */
    public String allowedCpus() {
        final String allowed = status("Cpus_allowed_list");
        return allowed == null ? "0" : allowed;
    }

    /** Bytes of hugepages that nobody uses, of all sizes and nodes. */
    public long freeHugepageBytes() {
        long bytes = 0;
        for (final var size : hugepageSizes("/sys/kernel/mm/hugepages").entrySet()) {
            final long pages = number(size.getValue() + "/free_hugepages").orElse(0);
            bytes += pages * size.getKey() * 1024;
        }
        return bytes;
    }

    /** The folders of the hugepage sizes in a folder of sysfs, by size in KiB. */
    public SortedMap<Long, String> hugepageSizes(String folder) {
        final SortedMap<Long, String> sizes = new TreeMap<>();
        for (final String name : names(folder)) {
            if (name.matches("hugepages-\\d{1,12}kB")) {
                sizes.put(Long.parseLong(name.substring(10, name.length() - 2)), folder + "/" + name);
            }
        }
        return sizes;
    }

    /** The network interfaces of the calling thread's network namespace. */
    public List<String> interfaces() {
        return lines("/proc/thread-self/net/dev").stream()
                .filter(line -> line.contains(":"))
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .toList();
    }
}
