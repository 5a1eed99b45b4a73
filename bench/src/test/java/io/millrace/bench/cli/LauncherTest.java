package io.millrace.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a clone of two files, with a JDK and a Maven that only tell how they were called. */
@Timeout(300)
final class LauncherTest {
    private static final Path LAUNCHER =
            Path.of("..", "millrace").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private Path clone;
    private Path jdk;
    private Path tools;

    private record Run(int code, String out, String err) {}

    @BeforeEach
    void cloneThatIsBuilt() throws IOException {
        clone = folder.resolve("clone");
        jdk = folder.resolve("jdk");
        tools = folder.resolve("tools");
        Files.createDirectories(clone.resolve("bench/target/lib"));
        Files.copy(LAUNCHER, clone.resolve("millrace"));
        write(clone.resolve("pom.xml"), "");
        write(clone.resolve("bench/pom.xml"), "");
        write(clone.resolve("bench/src/main/java/A.java"), "");
        write(clone.resolve("bench/target/millrace.built"), "");
        write(jdk.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"25.0.3\"\n");
        script(jdk.resolve("bin/javac"), "exit 0");
        script(jdk.resolve("bin/java"), "printf '%s\\n' \"$@\"; exit 7");
        script(tools.resolve("mvn"), "echo \"$@\" >> " + folder.resolve("maven.log"));
        // Sources are older than the stamp, whatever the file system's resolution is.
        age(clone.resolve("pom.xml"), 60);
        age(clone.resolve("bench/pom.xml"), 60);
        for (final String name : List.of("A.java", "", "..")) {
            age(clone.resolve("bench/src/main/java").resolve(name).normalize(), 60);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void script(Path file, String body) throws IOException {
        write(file, "#!/bin/bash\n" + body + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private static void age(Path file, int seconds) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(seconds)));
    }

    private Process start(String... arguments) throws IOException {
        // By a link, as somebody would have it on the path.
        final Path link = folder.resolve("millrace");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, clone.resolve("millrace"));
        }
        final List<String> command = new ArrayList<>(List.of("bash", link.toString()));
        command.addAll(List.of(arguments));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLRACE_JAVA_HOME", jdk.toString());
        builder.environment().put("MILLRACE_JAVA_OPTS", "-Dmore=1 -Dand=2");
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.redirectOutput(folder.resolve("out").toFile());
        builder.redirectError(folder.resolve("err").toFile());
        return builder.start();
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        final int code = start(arguments).waitFor();
        return new Run(code, Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
    }

    private List<String> mavenCalls() throws IOException {
        final Path log = folder.resolve("maven.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    @Test
    void shouldPassFlagsAndArgumentsAndKeepTheExitCode() throws Exception {
        final Run run = run("profiles", "a b", "*");
        assertEquals(7, run.code);
        final List<String> arguments = run.out.lines().toList();
        assertTrue(arguments.contains("--enable-native-access=ALL-UNNAMED"), run.out);
        assertTrue(arguments.contains("--illegal-native-access=deny"), run.out);
        assertTrue(arguments.contains("--add-modules=jdk.incubator.vector"), run.out);
        assertTrue(arguments.containsAll(List.of("-Dmore=1", "-Dand=2")), run.out);
        assertEquals(
                List.of(Main.class.getName(), "profiles", "a b", "*"),
                arguments.subList(arguments.size() - 4, arguments.size()));
        assertEquals("", run.err);
        assertEquals(List.of(), mavenCalls());
    }

    @Test
    void shouldFilterTheIncubatorWarningAndNothingElse() throws Exception {
        script(
                jdk.resolve("bin/java"),
                "echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2; echo WARNING: another >&2");
        final Process process = start("--version");
        assertEquals(0, process.waitFor());
        // This java does not leave the filter as ours does, so the line may still be on its way.
        while (Files.size(folder.resolve("err")) == 0) {
            Thread.onSpinWait();
        }
        assertEquals("WARNING: another\n", Files.readString(folder.resolve("err")));
    }

    @Test
    void shouldHandJavaTheRealStandardErrorWhenItStarts() throws Exception {
        script(
                jdk.resolve("bin/java"),
                "for a in \"$@\"; do case $a in -Dmillrace.stderr=*) eval \"echo here >&${a#*=}\";; esac; done");
        assertEquals("here\n", run("--version").err);
    }

    @Test
    void shouldGiveSignalsToJavaItself() throws Exception {
        script(
                jdk.resolve("bin/java"),
                "trap 'exit 9' TERM; echo ready >> " + folder.resolve("ready") + "; while :; do sleep 0.05; done");
        final Process process = start("serve", "--help");
        while (!Files.exists(folder.resolve("ready"))) {
            Thread.onSpinWait();
        }
        process.destroy();
        assertTrue(process.waitFor(Await.SECONDS, TimeUnit.SECONDS));
        assertEquals(9, process.exitValue());
    }

    @Test
    void shouldSayWhatIsWrongInOneLineWhenTheJdkIsTooOld() throws Exception {
        write(jdk.resolve("release"), "JAVA_VERSION=\"24.0.2\"\n");
        final Run run = run("--version");
        assertEquals(2, run.code);
        assertEquals(
                "millrace: MILLRACE_JAVA_HOME=" + jdk + " is no JDK 25 or newer; name another, or unset it\n", run.err);
    }

    @Test
    void shouldBuildOnceWhenASourceIsNewer() throws Exception {
        script(
                tools.resolve("mvn"),
                "echo \"$JAVA_HOME $@\" >> " + folder.resolve("maven.log") + "\nmkdir -p "
                        + clone.resolve("bench/target/lib"));
        age(clone.resolve("bench/target/millrace.built"), 120);
        final Run first = run("--version");
        assertEquals(7, first.code, first::err);
        assertTrue(first.err.startsWith("millrace: building, see "), first.err);
        assertEquals(7, run("--version").code);
        assertEquals(1, mavenCalls().size());
        assertTrue(mavenCalls().getFirst().startsWith(jdk + " "), mavenCalls()::toString);
        assertTrue(mavenCalls().getFirst().endsWith(" package"), mavenCalls()::toString);
    }

    @Test
    void shouldShowTheCompilersWordsWhenTheBuildFails() throws Exception {
        script(
                tools.resolve("mvn"),
                "echo '[INFO] Building bench'; echo '[ERROR] A.java:[1,2] cannot find symbol'; echo '[ERROR] '; "
                        + "echo '[ERROR] Re-run Maven using the -X switch'; exit 1");
        age(clone.resolve("bench/target/millrace.built"), 120);
        final Run run = run("--version");
        assertEquals(1, run.code);
        assertEquals("", run.out);
        assertEquals("""
            millrace: building, see LOG
            [ERROR] A.java:[1,2] cannot find symbol
            millrace: the build failed; all of it is in LOG
            """, run.err.replace(clone.resolve("target/millrace.log").toString(), "LOG"));
        assertEquals(1, run("--version").code, "a failed build must not count as built");
    }
}
