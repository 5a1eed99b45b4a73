package io.millrace.config.problem;

/**
 * Where a setting was written.
 *
 * @param source the file as the user named it, or the flag, for instance {@code --mtu}
 * @param line line of the file, from 1; 0 for a flag
 * @param column column of the file, from 1; 0 for a flag
 * @param path keys and indices from the top of the file, for instance {@code ports[0].mtu}; empty for a flag
 */
public record Place(String source, int line, int column, String path) {
    /**
     * A flag of the command line.
     *
     * @param name with its dashes
     */
    public static Place flag(String name) {
        return new Place(name, 0, 0, "");
    }

    /** As problems print it: {@code file:line: path}, or the flag. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder(source);
        if (line > 0) {
            text.append(':').append(line);
        }
        if (!path.isEmpty()) {
            text.append(": ").append(path);
        }
        return text.toString();
    }
}
