package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.script.ScriptException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The shell commands of scripts, none of which is run: those that set what Linux does are done to our configuration,
 * those that only look or clean up are left out, all others are reported.
 */
final class ShellCommands {
    private static final Pattern ASSIGNMENT = Pattern.compile("([a-zA-Z0-9_./-]+)=(\"[^\"]*\"|'[^']*'|[^\\s\"']*)");
    private static final Pattern ECHO =
            Pattern.compile("echo\\s+(-n\\s+)?(\"[^\"]*\"|'[^']*'|[^>]*?)\\s*>\\s*(/proc/sys/\\S+)");
    private static final Pattern HARMLESS = Pattern.compile(
            "(echo( [^>|]*)?|ip (tcp_metrics|-[46] tcp_metrics) flush.*|nstat.*|ss .*|grep .*|sync|true|:|tc -?[a-z]*"
                    + " ?qdisc (add|replace|del|delete|change) dev \\S+ root( (pfifo|fq|fq_codel|pfifo_fast|noqueue))?("
                    + " 2?>.*)?|ethtool .*|tcpdrop .*|echo 3 > /sys/module/tcp_cubic/parameters/hystart_detect|set"
                    + " -[a-z]+|modprobe .*|kld(load|stat) .*|add \\S+ \\S+ tcp .*|'? *\\| setkey -c|setkey -F|cat .*)");

    private static final Pattern QUEUE = Pattern.compile(
            "tc .*qdisc (?:add|replace|change) dev \\S+ root (pfifo|fq|fq_codel|pfifo_fast|noqueue)( .*)?");

    private static final Pattern LINK = Pattern.compile("ip link set (?:dev )?\\S+ mtu ([0-9]{1,5})(?: up)?");

    private static final Pattern SLEEP =
            Pattern.compile("(?:/bin/|/usr/bin/)?sleep ([0-9]{1,6}(?:\\.[0-9]+)?|\\.[0-9]+)");

    private ShellCommands() {}

    /** How long a command sleeps, in microseconds; -1 if it does something else. */
    static long sleep(final String text) {
        final Matcher matcher = SLEEP.matcher(text.strip());
        return matcher.matches() ? Math.round(Double.parseDouble(matcher.group(1)) * 1e6) : -1;
    }

    /** Does what the commands of a line do to the settings. */
    static void run(final int line, final String text, final Sysctls sysctls) {
        for (final String command : split(ShellArithmetic.expand(line, text))) {
            final String problem = sysctls.surroundings().change(line, command) ? null : run(command, sysctls);
            if (problem != null) {
                throw ScriptException.unsupported(line, problem);
            }
        }
        try {
            sysctls.config();
        } catch (final IllegalArgumentException e) {
            throw ScriptException.unsupported(
                    line, "the value of a sysctl in '" + text.strip() + "': " + e.getMessage());
        }
    }

    private static List<String> split(final String text) {
        final List<String> commands = new ArrayList<>();
        for (final String part : text.replace("\\\n", " ").split("\\n|;|&&|\\|\\|", -1)) {
            final String command = part.strip();
            if (!command.isEmpty() && !command.startsWith("#")) {
                commands.add(command);
            }
        }
        return commands;
    }

    private static @Nullable String run(final String command, final Sysctls sysctls) {
        final String first = command.split("\\s+", 2)[0];
        final String name = first.substring(first.lastIndexOf('/') + 1);
        if (name.equals("defaults.sh")) {
            sysctls.setTestDefaults();
            return null;
        }
        final Matcher queue = QUEUE.matcher(command);
        if (queue.matches()) {
            sysctls.setFairQueue(queue.group(1).equals("fq"));
        }
        // Before the first event nothing waits for time to pass.
        if (name.startsWith("sysctl_restore_")
                || SLEEP.matcher(command).matches()
                || HARMLESS.matcher(command).matches()) {
            return null;
        }
        final Matcher link = LINK.matcher(command);
        if (link.matches() && sysctls.mtu(Integer.parseInt(link.group(1)))) {
            return null;
        }
        final Matcher echo = ECHO.matcher(command);
        if (echo.matches()) {
            return sysctls.set(echo.group(3), echo.group(2));
        }
        // The names of settings may stand on lines of their own behind the script that sets them.
        if (name.equals("sysctl")
                || name.equals("set_sysctls.py")
                || ASSIGNMENT.matcher(command).matches()) {
            final Matcher assignment = ASSIGNMENT.matcher(command);
            while (assignment.find()) {
                final String problem = sysctls.set(assignment.group(1), assignment.group(2));
                if (problem != null) {
                    return problem;
                }
            }
            return null;
        }
        return "the command '" + command + "'";
    }
}
