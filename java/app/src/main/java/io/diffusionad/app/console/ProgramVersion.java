package io.diffusionad.app.console;

import picocli.CommandLine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that Maven wrote into the jar. */
public final class ProgramVersion implements CommandLine.IVersionProvider {
    private static final String RESOURCE = "/io/diffusionad/app/version.properties";

    @Override
    public String[] getVersion() {
        return new String[] {describe()};
    }

    /** "diffusionad 0.1.0, Java 17.0.15 on Linux amd64" */
    public static String describe() {
        return "diffusionad " + number() + ", Java " + System.getProperty("java.version") + " on "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch");
    }

    public static String number() {
        try (InputStream in = ProgramVersion.class.getResourceAsStream(RESOURCE)) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " of the program's jar", e);
        }
    }
}
