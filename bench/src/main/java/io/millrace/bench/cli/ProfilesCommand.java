package io.millrace.bench.cli;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.options.ProfileNames;
import io.millrace.config.problem.Suggestions;
import io.millrace.config.profile.Profiles;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the ready-made profiles, or prints one of them. */
@Command(
        name = "profiles",
        description = "List the ready-made profiles for --profile, or print one of them.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "To change one:",
            "  millrace profiles tap > my.yaml",
            "  millrace serve --config my.yaml     # once it is edited",
            "Those that say so are for millrace forward."
        })
final class ProfilesCommand implements Runnable {
    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            description = "The profile to print.",
            completionCandidates = ProfileNames.class)
    private @Nullable String name;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        if (name == null) {
            for (final String known : Profiles.names()) {
                out.printf("%-16s %s%n", known, Profiles.summary(known));
            }
        } else if (Profiles.names().contains(name)) {
            out.print(Profiles.text(name));
            out.flush();
        } else {
            throw new UserErrorException(
                    "there is no profile '" + name + "'; " + Suggestions.phrase(name, Profiles.names()));
        }
    }
}
