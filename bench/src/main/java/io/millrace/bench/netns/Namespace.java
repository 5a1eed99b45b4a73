package io.millrace.bench.netns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace without a name. A child process holds it open and waits for its standard input to end, which it
 * does on {@link #close()} and when this JVM dies, by whatever means; with the last process the kernel takes away the
 * namespace and every interface in it.
 *
 * <p>Root makes one directly, everybody else in a user namespace, where the system allows that.
 */
public final class Namespace implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(5);
    private static final Duration COMMAND = Duration.ofMinutes(2);

    private static final int MAX_NAME = 200;

    private final Process holder;
    private final boolean user;

    private Namespace(Process holder, boolean user) {
        this.holder = holder;
        this.user = user;
    }

    /**
     * Makes a namespace with nothing but a loopback interface, which is up.
     *
     * @throws CommandException if the system does not let this user make one
     */
    public static Namespace create() throws CommandException {
        final boolean user = !isRoot();
        return hold(unshare(user), user);
    }

    /**
     * Makes another namespace beside the one that this process is in, whose root it is.
     *
     * @throws CommandException if the system does not let this user make one
     */
    public static Namespace beside() throws CommandException {
        return hold(unshare(false), false);
    }

    /**
     * Makes another namespace beside this one, which the same user owns, so that an interface can be moved from one to
     * the other by the other's {@link #pid}.
     *
     * @throws CommandException if the system does not let this user make one
     */
    public Namespace another() throws CommandException {
        return hold(enter(unshare(false)), user);
    }

    private static Namespace hold(List<String> unshare, boolean user) throws CommandException {
        final List<String> command = new ArrayList<>(unshare);
        // "read" ends with the pipe. The echo says that the namespace is there.
        command.addAll(List.of("sh", "-c", "echo ready; read -r line"));
        try {
            final Process holder =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            final String first = holder.inputReader(StandardCharsets.UTF_8).readLine();
            if (!"ready".equals(first)) {
                holder.destroyForcibly().waitFor();
                throw new CommandException(String.join(" ", command) + ": " + first);
            }
            final Namespace namespace = new Namespace(holder, user);
            namespace.run("ip", "link", "set", "lo", "up");
            return namespace;
        } catch (IOException e) {
            throw new CommandException("unshare cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    /** Whether this user is root, as far as the process's own namespace goes. */
    public static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            throw new UncheckedIOException("/proc is not mounted", e);
        }
    }

    /** The words that run a command in a new network namespace, and in a new user namespace if {@code user}. */
    public static List<String> unshare(boolean user) {
        return user
                ? List.of("unshare", "--user", "--map-root-user", "--net", "--")
                : List.of("unshare", "--net", "--");
    }

    /** The process that holds this namespace open; its {@code /proc/PID/ns/net} is the namespace. */
    public long pid() {
        return holder.pid();
    }

    /** The words that run {@code command} in this namespace. */
    public List<String> enter(List<String> command) {
        return enter(holder.pid(), user, command);
    }

    /**
     * The words that run {@code command} in the network namespace of a process, and in its user namespace if {@code
     * user}.
     */
    public static List<String> enter(long pid, boolean user, List<String> command) {
        final List<String> words = new ArrayList<>(List.of("nsenter", "--target", Long.toString(pid)));
        if (user) {
            words.addAll(List.of("--user", "--preserve-credentials"));
        }
        words.addAll(List.of("--net", "--"));
        words.addAll(command);
        return words;
    }

    /** Prepares a process in this namespace. nsenter becomes the command, so signals reach it. */
    public ProcessBuilder process(String... command) {
        return new ProcessBuilder(enter(List.of(command)));
    }

    /**
     * Runs a command in this namespace and waits for it.
     *
     * @return what it wrote, standard error included
     * @throws CommandException if it cannot be run, fails, or takes longer than two minutes
     */
    public String run(String... command) throws CommandException {
        return run(COMMAND, process(command), name(command));
    }

    /**
     * Runs a command here, in the namespace that this process is in.
     *
     * @throws CommandException as {@link #run}
     */
    public static String runHere(String... command) throws CommandException {
        return run(COMMAND, new ProcessBuilder(command), name(command));
    }

    private static String name(String... command) {
        final String all = String.join(" ", command);
        return all.length() <= MAX_NAME ? all : all.substring(0, MAX_NAME) + "...";
    }

    private static String run(Duration limit, ProcessBuilder builder, String name) throws CommandException {
        try {
            final Path output = Files.createTempFile("millrace-", ".out");
            try {
                final Process process = builder.redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new CommandException(name + ": not done after " + limit.toSeconds() + " s");
                }
                final String text = Files.readString(output);
                if (process.exitValue() != 0) {
                    final List<String> lines = text.strip().lines().toList();
                    throw new CommandException(
                            name + ": " + (lines.isEmpty() ? "exit code " + process.exitValue() : lines.getLast()));
                }
                return text;
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new CommandException(name + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(name + ": interrupted", e);
        }
    }

    /**
     * Lets go of the namespace. It is gone when the processes that were started in it are; those are their owner's
     * business.
     */
    @Override
    public void close() {
        try {
            holder.getOutputStream().close();
            if (!holder.waitFor(START.toMillis(), TimeUnit.MILLISECONDS)) {
                holder.destroyForcibly();
            }
        } catch (IOException e) {
            holder.destroyForcibly();
        } catch (InterruptedException e) {
            holder.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
