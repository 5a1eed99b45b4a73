package io.millrace.bench.cli;

import io.millrace.bench.command.StandardError;
import io.millrace.bench.command.UserErrorException;
import io.millrace.config.problem.ConfigException;
import io.millrace.dataplane.port.PortException;
import io.millrace.dpdk.EalException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Entry point of the {@code millrace} command line. Exit codes: 0 for success, 1 for an error of the program or a
 * command that says so, 2 for whatever the person at the command line can put right. Errors are one line each on
 * standard error; {@code --stack-trace} adds where they came from.
 */
public final class Main {
    /** How picocli says that a value is none of an enum's. */
    private static final Pattern CHOICE =
            Pattern.compile("(.*)expected one of \\[(.*)] \\(case-insensitive\\) but was ('.*')");

    private Main() {}

    /**
     * Runs one command and ends the JVM with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        try {
            StandardError.leaveFilter();
        } catch (UserErrorException e) {
            e.lines().forEach(line -> System.err.println("millrace: " + line));
            System.exit(ExitCode.USAGE);
        }
        final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        final PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        if (out.checkError() && code == ExitCode.OK) {
            err.println("millrace: standard output did not take everything; is its disk full, or its reader gone?");
            code = ExitCode.SOFTWARE;
        }
        err.flush();
        System.exit(code);
    }

    /**
     * Runs one command in this JVM.
     *
     * @param out where the command writes what it was asked for
     * @param err where errors go
     * @param args the command line
     * @return the exit code
     */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        return run(line -> {}, out, err, args);
    }

    /** As {@link #run(PrintWriter, PrintWriter, String...)}, with the command line changed before it is parsed. */
    static int run(Consumer<CommandLine> change, PrintWriter out, PrintWriter err, String... args) {
        final MillraceCommand root = new MillraceCommand();
        final CommandLine line = new CommandLine(root);
        change.accept(line);
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Main::usageError);
        line.setExecutionExceptionHandler(
                (failure, command, parsed) -> failed(failure, command, root.global.stackTrace));
        try {
            return line.execute(args);
        } catch (OutOfMemoryError error) {
            return lacking(error, running(line), root.global.stackTrace);
        } catch (Error error) {
            // picocli handles exceptions only.
            return unexpected(error, running(line), root.global.stackTrace);
        }
    }

    /** The command that was called, with all its words. */
    private static CommandLine running(CommandLine line) {
        ParseResult parsed = line.getParseResult(); // null if it came to no command
        while (parsed != null && parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return parsed == null ? line : parsed.commandSpec().commandLine();
    }

    /** The user asked for more memory than there is, of the system's or of Java's. */
    private static int lacking(OutOfMemoryError error, CommandLine command, boolean stackTrace) {
        final PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": not enough memory: " + oneLine(error)
                + "; ask for less, or give Java more heap with MILLRACE_JAVA_OPTS=-Xmx4g if it is that");
        if (stackTrace) {
            error.printStackTrace(err);
        }
        return ExitCode.USAGE;
    }

    private static int usageError(ParameterException error, String[] args) {
        final CommandLine command = error.getCommandLine();
        final String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + describe(error) + " (" + name + " --help lists what there is)");
        return ExitCode.USAGE;
    }

    private static String describe(ParameterException error) {
        if (error instanceof UnmatchedArgumentException unmatched) {
            final List<String> suggestions = unmatched.getSuggestions();
            return "there is no '" + unmatched.getUnmatched().getFirst() + "' here"
                    + (suggestions.isEmpty() ? "" : ", did you mean " + String.join(" or ", suggestions) + "?");
        }
        final Matcher choice = CHOICE.matcher(oneLine(error));
        if (choice.matches()) {
            return choice.group(1) + choice.group(3) + " is not possible here; write one of "
                    + choice.group(2).toLowerCase(Locale.ROOT);
        }
        // picocli names the types of this program.
        return oneLine(error)
                .replaceFirst("^(Value for option) option ", "$1 ")
                .replaceFirst("cannot convert ('.*') to BigDecimal .*$", "$1 is no number")
                .replaceFirst("is not an? (int|long)$", "is no whole number")
                .replaceFirst("is not a double$", "is no number");
    }

    private static int failed(Exception failure, CommandLine command, boolean stackTrace) {
        final List<String> lines = userLines(failure);
        if (lines.isEmpty()) {
            return unexpected(failure, command, stackTrace);
        }
        final String name = command.getCommandSpec().qualifiedName();
        lines.forEach(text -> command.getErr().println(name + ": " + text));
        if (stackTrace) {
            failure.printStackTrace(command.getErr());
        }
        return ExitCode.USAGE;
    }

    private static int unexpected(Throwable failure, CommandLine command, boolean stackTrace) {
        final PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": unexpected "
                + failure.getClass().getSimpleName() + ": " + oneLine(failure)
                + (stackTrace ? "" : "; --stack-trace shows where"));
        if (stackTrace) {
            failure.printStackTrace(err);
        }
        return ExitCode.SOFTWARE;
    }

    /** What the user can mend, one problem a line; none if the program is at fault. */
    private static List<String> userLines(Exception failure) {
        return switch (failure) {
            case UserErrorException user -> user.lines();
            case ConfigException config -> config.lines();
            case PortException port -> List.of(oneLine(port));
            case EalException eal -> List.of(oneLine(eal));
            default -> List.of();
        };
    }

    private static String oneLine(Throwable failure) {
        final String message = failure.getMessage();
        return message == null ? "no message" : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
