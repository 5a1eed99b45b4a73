package io.millrace.bench.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code millrace --version} prints: the version of the build, and the JVM it runs on. */
public final class Version implements IVersionProvider {
    private static final String RESOURCE = "version.properties";

    /** Made by picocli. */
    public Version() {}

    /**
     * The version that Maven built, for instance {@code 0.1.0}.
     *
     * @throws IllegalStateException if the build left the version out
     */
    public static String current() {
        final Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing beside " + Version.class.getName());
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        final String version = properties.getProperty("version");
        if (version == null || version.startsWith("$")) {
            throw new IllegalStateException(RESOURCE + " holds no version: " + version);
        }
        return version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "millrace " + current(),
            "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + "), "
                    + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                    + System.getProperty("os.arch")
        };
    }
}
