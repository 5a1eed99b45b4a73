package io.millrace.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.command.UserErrorException;
import io.millrace.config.doctor.Finding;
import io.millrace.dataplane.port.PortException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.IllegalFormatException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), args);
    }

    @Test
    void shouldListTheCommandsWhenAskedForHelp() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().startsWith("Usage: millrace "), out::toString);
        assertTrue(out.toString().contains("generate-completion"), out::toString);
        assertEquals("", err.toString());
    }

    @Test
    void shouldShowHelpWhenNoCommandIsGiven() {
        assertEquals(0, run());
        assertTrue(out.toString().startsWith("Usage: millrace "), out::toString);
    }

    @Test
    void shouldPrintTheBuildsVersionWhenAskedForIt() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().matches("(?s)millrace \\d+\\.\\d+\\.\\d+\\S*\\RJava \\S+ .*"), out::toString);
    }

    @Test
    void shouldOfferHelpWithEveryCommand() {
        final CommandLine root = new CommandLine(new MillraceCommand());
        root.getSubcommands().forEach((name, command) -> {
            if (!name.equals("help")) {
                final StringWriter help = new StringWriter();
                assertEquals(0, Main.run(new PrintWriter(help), new PrintWriter(err), name, "--help"), name);
                assertTrue(help.toString().startsWith("Usage: millrace " + name), help::toString);
            }
        });
    }

    /** An example that the help wraps cannot be copied from it. */
    @Test
    void shouldNotWrapTheExamplesOfAnyCommand() {
        final List<String> wide = new ArrayList<>();
        collectWide(new CommandLine(new MillraceCommand()), wide);
        assertEquals(List.of(), wide);
    }

    private static void collectWide(CommandLine command, List<String> wide) {
        final UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        Stream.of(usage.description(), usage.footer())
                .flatMap(Stream::of)
                .filter(line -> line.startsWith("  ") && line.length() > usage.width())
                .forEach(wide::add);
        command.getSubcommands().values().forEach(child -> collectWide(child, wide));
    }

    /** Texts are formats: a percent sign that stands for itself is doubled. */
    @Test
    void shouldMakeFormatsOfAllTexts() {
        final List<String> wrong = new ArrayList<>();
        collectWrong(new CommandLine(new MillraceCommand()), wrong);
        assertEquals(List.of(), wrong);
    }

    private static void collectWrong(CommandLine command, List<String> wrong) {
        final UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        Stream.of(usage.header(), usage.description(), usage.footer())
                .flatMap(Stream::of)
                .filter(text -> !isFormat(text))
                .forEach(wrong::add);
        command.getSubcommands().values().forEach(child -> collectWrong(child, wrong));
    }

    private static boolean isFormat(String text) {
        try {
            return !String.format(Locale.ROOT, text).isEmpty() || text.isEmpty();
        } catch (IllegalFormatException e) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "bench soak --packets=x | '--packets': 'x' is no whole number",
                "bench tcp --seconds=x | '--seconds': 'x' is no number",
                "bnech | there is no 'bnech' here",
                "bench soak --ports=foo | 'foo' is not possible here; write one of loopback, net_ring, net_null (",
                "ping -i=NaN 10.0.0.1 | Invalid value for option '-i': 'NaN' is no number (",
                "nc -w=x 10.0.0.1 7 | Invalid value for option '-w': 'x' is no number (",
                "test packetdrill -D=x y | Value for option '--define'",
                "test packetdrill --set=foo=1 src | --set: there is no option --foo",
                "test packetdrill --set=mtu=x src | --set: bad value of --mtu: x",
                "test packetdrill --set=local_ip=x src | --set: bad address: x",
                "ping -c=0 10.0.0.1 | -c: 0 is out of range; write 1 or more",
                "trace -c=0 | -c: 0 is out of range; write 1 or more",
                "trace -w=a --pcap=b | -w and --pcap both name the file to write; leave one of them out",
                "ping -F=1 10.0.0.1 | -F: 10.0.0.1 is an IPv4 address, and only IPv6 has flow labels",
                "fuzz --folder=/proc/x | --folder: the folder /proc/x cannot be made; name one where you may write",
                "serve --port=net_null0 --address=10.0.0.1/24 --cpus=1023 | --cpus: there is no CPU 1023, or this",
                "serve --port=pcap:/tmp --address=10.0.0.1/24 | --port: /tmp is a folder; name a capture in it",
                "forward --mode=io --port=net_null0 --record=a | --record: io has no use for it; use recorder, or",
                "forward --mode=io --port=net_null0 --ageing=9 | --ageing: io has no use for it; use l2switch, or",
                "forward --mode=io --port=net_null0 --address=10.0.0.1/24 | --address: io has no addresses; use",
                "serve --port=net_null0 --address=10.0.0.1/24 --meter=x | 'x' is neither yes nor no; write yes or no"
            })
    void shouldSayWhatIsWrongInWordsOfTheUser(String args, String said) {
        assertEquals(2, run(args.split(" ")));
        assertTrue(err.toString().contains(said), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    /** What seems to be missing may well be in the file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve --config=/nosuch.yaml",
                "forward --config=/nosuch.yaml",
                "forward --profile=nosuch",
                "forward --config=/"
            })
    void shouldMissNothingWhenTheSettingsCannotBeRead(String args) {
        assertEquals(2, run(args.split(" ")));
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    @Test
    void shouldCompleteEveryCommandWhenCompletionIsGenerated() {
        assertEquals(0, run("generate-completion"));
        assertTrue(out.toString().contains("complete -F _complete_millrace"), out::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--verison", "bnech", "bench --nothing", "bench nothing", "--stack-trace=7"})
    void shouldSayInOneLineWhatIsWrongWhenArgumentsAreWrong(String args) {
        assertEquals(2, run(args.split(" ")));
        final List<String> lines = err.toString().lines().toList();
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().startsWith("millrace"), lines::toString);
        assertTrue(lines.getFirst().contains("--help lists what there is"), lines::toString);
        assertEquals("", out.toString());
    }

    @Test
    void shouldSuggestTheNearestOptionWhenOneIsMisspelt() {
        assertEquals(2, run("--verison"));
        assertTrue(err.toString().contains("did you mean --version"), err::toString);
    }

    @Test
    void shouldPrintEachLineAndNoTraceWhenTheUserCanMendIt() {
        assertEquals(2, fail(new UserErrorException(List.of("first problem", "second problem"))));
        assertEquals(
                List.of("millrace fail: first problem", "millrace fail: second problem"),
                err.toString().lines().toList());
    }

    @Test
    void shouldTakeARefusedPortForTheUsersWhenItsMessageSaysWhatToDo() {
        assertEquals(2, fail(new PortException("cannot open tap mr0: no permission; run as root")));
        assertEquals(
                "millrace fail: cannot open tap mr0: no permission; run as root",
                err.toString().strip());
    }

    @Test
    void shouldExitWithOneOnlyWhenTheDoctorFindsAFailure() {
        final Finding warning = new Finding(Finding.Status.WARN, "topic", "what", "mend");
        assertEquals(0, DoctorCommand.print(List.of(warning), out()));
        assertEquals(1, DoctorCommand.print(List.of(new Finding(Finding.Status.FAIL, "a", "b", "c"), warning), out()));
        assertTrue(out.toString().contains("checks: 2, warnings: 1, failures: 1"), out::toString);
    }

    @Test
    void shouldPrintOneLineAndAHintWhenTheProgramFails() {
        assertEquals(1, fail(new IllegalStateException("broken\n  badly")));
        assertEquals(
                "millrace fail: unexpected IllegalStateException: broken badly; --stack-trace shows where",
                err.toString().strip());
    }

    @Test
    void shouldPrintOneLineWhenTheProgramMeetsAnError() {
        assertEquals(1, fail(new NoClassDefFoundError("io/millrace/Gone")));
        assertEquals(
                "millrace fail: unexpected NoClassDefFoundError: io/millrace/Gone; --stack-trace shows where",
                err.toString().strip());
    }

    /** As by {@code --tcp-settings buffer-memory=1024G}. */
    @Test
    void shouldTellTheUserWhenMoreMemoryIsAskedForThanThereIs() {
        assertEquals(2, fail(new OutOfMemoryError("the system gives no 7 bytes of memory")));
        assertEquals(
                "millrace fail: not enough memory: the system gives no 7 bytes of memory; ask for less, or give Java"
                        + " more heap with MILLRACE_JAVA_OPTS=-Xmx4g if it is that",
                err.toString().strip());
    }

    @Test
    void shouldShowTheTraceWhenAskedForIt() {
        assertEquals(1, fail(new IllegalStateException("broken"), "--stack-trace"));
        assertTrue(err.toString().contains("at " + MainTest.class.getName()), err::toString);
        assertFalse(err.toString().contains("shows where"), err::toString);
    }

    private int fail(Throwable failure, String... args) {
        return Main.run(root -> root.addSubcommand("fail", new Failing(failure)), out(), err(), concat("fail", args));
    }

    private PrintWriter out() {
        return new PrintWriter(out);
    }

    private PrintWriter err() {
        return new PrintWriter(err);
    }

    private static String[] concat(String first, String... rest) {
        final String[] all = new String[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    @CommandLine.Command(name = "fail", mixinStandardHelpOptions = true)
    private static final class Failing implements Runnable {
        private final Throwable failure;

        Failing(Throwable failure) {
            this.failure = failure;
        }

        @Override
        public void run() {
            switch (failure) {
                case RuntimeException exception -> throw exception;
                case Error error -> throw error;
                default -> throw new AssertionError(failure);
            }
        }
    }
}
