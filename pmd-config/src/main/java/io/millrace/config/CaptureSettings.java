package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The capture as one layer of settings describes it; whatever the layer leaves out is null. */
public final class CaptureSettings {
    private static final int MAX_AGE = 7 * 24 * 3600;
    private static final int MAX_COMMENT = 1_000;
    private static final int MAX_FILES = 100_000;

    private final Path base;
    private final Problems problems;
    private @Nullable Located<Path> file;
    private @Nullable Located<CaptureKind> kind;
    private @Nullable Located<Integer> snap;
    private @Nullable Located<Long> size;
    private @Nullable Located<Integer> age;
    private @Nullable Located<Integer> files;
    private @Nullable Located<String> filter;
    private @Nullable Located<String> comment;

    /**
     * Nothing set.
     *
     * @param base folder that relative paths start from
     * @param problems gets what is wrong with the settings
     */
    public CaptureSettings(Path base, Problems problems) {
        this.base = base;
        this.problems = problems;
    }

    /** Sets the file that every packet is written to. */
    public void file(Located<String> text) {
        file = Values.path(text, base, problems);
    }

    /** Sets the format; unless set, the file's ending tells it. */
    public void kind(Located<String> text) {
        kind = Values.choice(text, CaptureKind.values(), CaptureKind::text, problems);
    }

    /** Sets how many bytes of each packet are kept. */
    public void snap(Located<String> text) {
        snap = Values.integer(text, 1, CaptureConfig.WHOLE, "number of bytes", problems);
    }

    /** Sets the size at which the next file is begun, in bytes or with k, M or G behind it. */
    public void size(Located<String> text) {
        size = Values.bytes(text, problems);
    }

    /** Sets the seconds after which the next file is begun. */
    public void age(Located<String> text) {
        age = Values.integer(text, 1, MAX_AGE, "number of seconds", problems);
    }

    /** Sets how many files are kept. */
    public void files(Located<String> text) {
        files = Values.integer(text, 1, MAX_FILES, "number of files", problems);
    }

    /** Sets which packets are written, in tcpdump's language. */
    public void filter(Located<String> text) {
        filter = text;
    }

    /** Sets what the head of a pcapng file says. */
    public void comment(Located<String> text) {
        comment = text;
        if (text.value().length() > MAX_COMMENT) {
            problems.add(text.place(), "the comment is too long", "write " + MAX_COMMENT + " characters at most");
        }
    }

    CaptureSettings over(CaptureSettings lower) {
        final CaptureSettings merged = new CaptureSettings(base, problems);
        merged.file = file != null ? file : lower.file;
        merged.kind = kind != null ? kind : lower.kind;
        merged.snap = snap != null ? snap : lower.snap;
        merged.size = size != null ? size : lower.size;
        merged.age = age != null ? age : lower.age;
        merged.files = files != null ? files : lower.files;
        merged.filter = filter != null ? filter : lower.filter;
        merged.comment = comment != null ? comment : lower.comment;
        return merged;
    }

    /** The file, if there is to be one. */
    @Nullable
    Located<Path> file() {
        return file;
    }

    /** The capture, or null if there is none; adds to the problems what does not go together. */
    @Nullable
    CaptureConfig resolve() {
        final Located<Path> path = file;
        if (path == null) {
            Stream.of(kind, snap, size, age, files, filter, comment)
                    .filter(Objects::nonNull)
                    .forEach(setting -> problems.add(
                            setting.place(),
                            "there is no capture to write so",
                            "name its file with pcap, or leave this out"));
            return null;
        }
        if (files != null && size == null && age == null) {
            problems.add(
                    files.place(),
                    "nothing says when the next file begins",
                    "give pcap-size or pcap-age too, or leave this out");
        }
        final boolean newer = path.value().toString().toLowerCase(Locale.ROOT).endsWith(".pcapng");
        final CaptureKind format =
                kind != null ? kind.value() : newer || comment != null ? CaptureKind.PCAPNG : CaptureKind.PCAP;
        if (comment != null && format != CaptureKind.PCAPNG) {
            problems.add(comment.place(), "only pcapng has comments", "set pcap-format to pcapng, or leave this out");
        }
        return new CaptureConfig(
                path,
                format,
                snap == null ? CaptureConfig.WHOLE : snap.value(),
                size == null ? 0 : size.value(),
                age == null ? 0 : age.value(),
                files == null ? 0 : files.value(),
                filter,
                comment == null ? "" : comment.value());
    }
}
