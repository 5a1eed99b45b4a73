package io.millrace.bench.cli;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.packetdrill.PacketdrillCommand;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Stands for {@code ./millrace test} in the help. The launcher itself runs the tests, with Maven and before anything is
 * built, so that this code is reached only when somebody goes around it; its subcommands it leaves to this program.
 */
@Command(
        name = "test",
        description = "Build everything and run all tests, those with real peers included.",
        mixinStandardHelpOptions = true,
        subcommands = PacketdrillCommand.class)
final class TestCommand implements Runnable {
    @Parameters(paramLabel = "ARG", description = "More arguments for Maven, for instance -pl stack -am.")
    private List<String> arguments = List.of();

    @Override
    public void run() {
        throw new UserErrorException("the tests are run by the launcher of a clone; go there and run ./millrace test "
                + String.join(" ", arguments));
    }
}
